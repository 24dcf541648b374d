// SPDX-License-Identifier: Apache-2.0
// The one loudness that a target is about: of a programme, or of several that belong together.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "host/dsp/fields.hpp"
#include "host/dsp/measurement.hpp"

namespace tutti {

/// Which figure is brought to the target.
enum class LoudnessMode {
  integrated,
  short_term,  ///< the loudest 3 s
  momentary    ///< the loudest 400 ms
};

inline constexpr std::array<Choice<LoudnessMode>, 3> kLoudnessModes = {
    {{"integrated", LoudnessMode::integrated},
     {"short_term", LoudnessMode::short_term},
     {"momentary", LoudnessMode::momentary}}};

/// What stands for an album whose tracks keep their relations.
enum class AlbumLoudness {
  pooled,        ///< gated over the blocks of all tracks, as if they were one
  loudest_track  ///< that of the loudest track [AES77]
};

/// The figure of programmes that get one gain; of one programme, its own. `readings` were taken with
/// loudness. Empty: nothing can be measured (silence, or too short).
std::optional<double> programme_loudness_lufs(std::span<const MeterReadings* const> readings,
                                              LoudnessMode mode,
                                              AlbumLoudness album = AlbumLoudness::pooled);

/// The same of one that has been measured whole.
std::optional<double> programme_loudness_lufs(const Measurement& measured, LoudnessMode mode);

}  // namespace tutti
