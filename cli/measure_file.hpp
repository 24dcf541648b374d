// SPDX-License-Identifier: Apache-2.0
// One file through the meter.
#pragma once

#include <functional>
#include <string>

#include "host/audio/units.hpp"
#include "host/report/measured_file.hpp"

namespace tutti::cli {

struct MeasureOptions {
  int k_system_scale = 0;  ///< 0: no K-System reading
  bool allow_non_finite = false;
  /// Told how far it is, from the thread that measures.
  std::function<void(Frames done, Frames total)> progress;
};

/// Measures a file from its first to its last frame. Throws IoError when it can not be read,
/// Cancelled when the program was asked to stop.
MeasuredFile measure_file(const std::string& path, const MeasureOptions& options);

}  // namespace tutti::cli
