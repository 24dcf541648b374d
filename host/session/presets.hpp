// SPDX-License-Identifier: Apache-2.0
// Delivery targets: a dated, editable data file.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/session/model.hpp"

namespace tutti {

/// What a service does with a master that is not at its level.
enum class Playback { none, down, up_to_ceiling };

inline constexpr std::array<Choice<Playback>, 3> kPlaybacks = {
    {{"none", Playback::none},
     {"down", Playback::down},
     {"up_to_ceiling", Playback::up_to_ceiling}}};

/// One delivery target with the source and date of its figures.
struct DeliveryPreset {
  std::string name;  ///< as written in a session: "spotify"
  std::string description;
  std::optional<double> target_lufs;  ///< none: the level is left alone
  double tolerance_lu = 0.1;
  double ceiling_dbtp = -1;
  Playback playback = Playback::none;
  std::optional<SampleFormat> bit_depth;
  std::optional<double> sample_rate_hz;  ///< none: the session's
  std::string source;                    ///< where the figures come from
  std::string date;                      ///< when they were read, ISO 8601
  /// How far each figure can be trusted: "official", "standard", "secondary", "disputed" or
  /// "choice" (ours, where nobody asks for anything).
  std::string loudness_grade, ceiling_grade, format_grade;
};

/// All presets, built in at compile time from data/presets.yaml, or read from the file that the
/// environment variable TUTTI_PRESETS names. Read once. Throws IoError when that file can not be
/// read, SessionError when it is no list of presets.
const std::vector<DeliveryPreset>& delivery_presets();
/// The preset of that name, or null.
const DeliveryPreset* find_preset(const std::string& name);

/// Presets from the text of such a file; `file` is for messages. Throws SessionError.
std::vector<DeliveryPreset> read_presets(const std::string& text, const std::string& file);

}  // namespace tutti
