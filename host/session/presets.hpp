// SPDX-License-Identifier: Apache-2.0
// Delivery targets: a dated, editable data file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/session/model.hpp"

namespace tutti {

/// One delivery target with the source and date of its figures.
struct DeliveryPreset {
  std::string name;  ///< as written in a session: "spotify"
  std::string description;
  std::optional<double> target_lufs;  ///< none: the level is left alone
  double tolerance_lu = 0.1;
  double ceiling_dbtp = -1;
  std::optional<SampleFormat> bit_depth;
  std::optional<double> sample_rate_hz;  ///< none: the session's
  std::string source;                    ///< where the figures come from
  std::string date;                      ///< when they were read, ISO 8601
};

/// All presets, built in at compile time from data/presets.yaml (or from TUTTI_PRESETS=FILE).
const std::vector<DeliveryPreset>& delivery_presets();
const DeliveryPreset* find_preset(const std::string& name);

}  // namespace tutti
