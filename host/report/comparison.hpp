// SPDX-License-Identifier: Apache-2.0
// What a null test of two files found.
#pragma once

#include <optional>
#include <string>

#include "host/audio/units.hpp"

namespace tutti {

/// The difference is A − B where B has been moved, scaled and turned by what `aligned` found (or
/// left alone). Samples that only one file has count as a difference from silence, unless the files
/// are aligned: then the common part is compared.
struct Comparison {
  std::string a, b;
  double sample_rate_hz = 0;
  int channels = 0;
  Frames frames_a = 0, frames_b = 0, compared_frames = 0;
  std::optional<double> peak_difference_dbfs, rms_difference_dbfs;  ///< none: no difference
  std::optional<Frames> first_difference_frame;                     ///< in frames of A
  bool aligned = false;                 ///< offset, gain and polarity were searched
  std::optional<Frames> offset_frames;  ///< B is later than A by this; none: not found
  std::optional<double> gain_db;        ///< level of B over A
  std::optional<bool> inverted;         ///< B is A upside down
  bool identical = false;               ///< same length, every sample equal as decoded, unmoved
  std::optional<double> tolerance_dbfs;
  std::optional<bool> within_tolerance;  ///< none: no tolerance was given
};

/// The document of `tutti compare --json`.
std::string comparison_json(const Comparison& comparison);

/// For people.
std::string comparison_text(const Comparison& comparison);

}  // namespace tutti
