// SPDX-License-Identifier: Apache-2.0
// One file through the meter.
#pragma once

#include <string>

#include "host/report/measured_file.hpp"

namespace tutti::cli {

/// Measures a file from its first to its last frame. `k_system_scale` 0: no K-System reading.
/// Throws IoError when it can not be read, Cancelled when the program was asked to stop.
MeasuredFile measure_file(const std::string& path, int k_system_scale);

}  // namespace tutti::cli
