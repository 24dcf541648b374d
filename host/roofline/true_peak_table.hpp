// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/audio/units.hpp"

namespace tutti::roofline {

/// Positions that a block of threads interpolates between (kernels/true_peak_window.cuh).
inline constexpr Frames kPeakPositions = 256;
/// The interpolator's table, sent by whoever makes one.
inline constexpr Frames kTruePeakTableBytes = 4148;

}  // namespace tutti::roofline
