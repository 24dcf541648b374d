// SPDX-License-Identifier: Apache-2.0
// The gain into a limiter that gives its output a wanted loudness.
#pragma once

#include <functional>
#include <optional>

namespace tutti {

struct LoudnessGoal {
  double target_lufs = -14;
  double tolerance_lu = 0.1;
  double min_gain_db = -60;  ///< the gain never leaves this range
  double max_gain_db = 60;
  /// A last step from an error of no more than this, and no larger itself, is taken without measuring
  /// again: loudness follows it by between nothing and dB for dB, so the error stays below this.
  double trusted_step_lu = 0;
};

struct LoudnessLoopResult {
  double gain_db = 0;                  ///< the gain to use
  /// What it gives, the target after a trusted step; empty: the programme has no loudness.
  std::optional<double> reached_lufs;
  bool reached = false;                ///< within the tolerance of the target
  int passes = 0;                      ///< calls of `measure`
};

/// Integrated loudness of the limited programme at a gain; empty for silence. Rises with the gain,
/// at most dB for dB, and less and less where the limiter works harder.
using MeasureLoudness = std::function<std::optional<double>(double gain_db)>;

inline constexpr int kMaxLoudnessPasses = 6;
/// A limiter that turns one more dB into less than this much loudness has no more to give.
inline constexpr double kSaturatedLuPerDb = 0.05;

/// Finds the gain in at most kMaxLoudnessPasses measurements: the difference to the target first,
/// as if nothing were limited, then the secant, kept inside of the bracket known so far. When the
/// target lies above what the limiter can give, returns the last gain that still made it louder.
/// `gain_db` is where to begin: 0, or what an earlier run found.
LoudnessLoopResult find_loudness_gain(const LoudnessGoal& goal, const MeasureLoudness& measure,
                                      double gain_db = 0);

}  // namespace tutti
