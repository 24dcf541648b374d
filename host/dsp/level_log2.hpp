// SPDX-License-Identifier: Apache-2.0
// Levels as the dynamics compute with them: log2 of the amplitude.
#pragma once

#include <algorithm>

namespace tutti {

/// 20·log10(2): one doubling of the amplitude in dB.
inline constexpr double kDbPerOctaveOfLevel = 6.0205999132796239;

/// Level of silence, and the lowest that a detector reports (−361 dBFS). Finite, so that blends and
/// smoothers never meet an infinity; far below every threshold (≥ −120 dBFS) with its knee.
inline constexpr double kSilenceLog2 = -60;

inline constexpr double db_to_log2(double level_db) { return level_db / kDbPerOctaveOfLevel; }

/// Octaves of level by which a quadratic soft knee of full width `knee_log2` counts a level that
/// lies `over_log2` above the threshold: 0 below the knee, (over + W/2)²/(2W) inside, over above it
/// [Giannoulis2012, eq. 4]. Written as two clamps, so that W = 0 needs no formula of its own.
inline double knee_excess_log2(double over_log2, double knee_log2) {
  const double u = std::max(over_log2 + 0.5 * knee_log2, 0.0);
  const double inside = std::min(u, knee_log2);
  const double curve = knee_log2 > 0 ? inside * inside / (2.0 * knee_log2) : 0.0;
  return curve + (u - inside);
}

}  // namespace tutti
