// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/loudness_loop.hpp"

#include <algorithm>
#include <cmath>

namespace tutti {
namespace {

struct Point {
  double gain_db;
  double error_lu;  // measured − target
};

// Where the line through two points meets the target; dB for dB when they tell no slope.
double secant(const Point& a, const Point& b) {
  const double slope = (b.error_lu - a.error_lu) / (b.gain_db - a.gain_db);
  // A slope above 1 can only come from the gate or from rounding: do not trust it with large steps.
  const double trusted = std::isfinite(slope) ? std::clamp(slope, kSaturatedLuPerDb, 1.5) : 1;
  return b.gain_db - b.error_lu / trusted;
}

// Newest first guess inside the bracket (low below the target, high above it), if both are known.
double next_gain(const std::optional<Point>& low, const std::optional<Point>& high,
                 const Point& last, const std::optional<Point>& before) {
  if (low && high) {
    const double guess = secant(*low, *high);
    const double width = high->gain_db - low->gain_db;
    // Loudness is concave in gain, so the secant falls short; a tenth of the bracket keeps it
    // moving.
    return std::clamp(guess, low->gain_db + 0.1 * width, high->gain_db - 0.1 * width);
  }
  if (!before) return last.gain_db - last.error_lu;
  return secant(*before, last);
}

bool saturated(const std::optional<Point>& before, const Point& last) {
  if (!before || last.error_lu >= 0 || last.gain_db <= before->gain_db) return false;
  return last.error_lu - before->error_lu < kSaturatedLuPerDb * (last.gain_db - before->gain_db);
}

}  // namespace

LoudnessLoopResult find_loudness_gain(const LoudnessGoal& goal, const MeasureLoudness& measure,
                                      double gain_db) {
  LoudnessLoopResult result;
  std::optional<Point> low, high, before, best;
  double gain = std::clamp(gain_db, goal.min_gain_db, goal.max_gain_db);
  while (result.passes < kMaxLoudnessPasses) {
    const std::optional<double> level_lufs = measure(gain);
    ++result.passes;
    if (!level_lufs) break;  // silence, or quiet enough to lie below the gate at this gain
    const Point last{gain, *level_lufs - goal.target_lufs};
    if (saturated(before, last)) break;  // the best so far is nearly as loud, and less squeezed
    if (!best || std::abs(last.error_lu) < std::abs(best->error_lu)) best = last;
    if (std::abs(last.error_lu) <= goal.tolerance_lu) break;
    (last.error_lu < 0 ? low : high) = last;
    gain = std::clamp(next_gain(low, high, last, before), goal.min_gain_db, goal.max_gain_db);
    if (gain == last.gain_db) break;  // at the end of the range
    if (std::max(std::abs(last.error_lu), std::abs(gain - last.gain_db)) <= goal.trusted_step_lu) {
      best = Point{gain, 0};
      break;
    }
    before = last;
  }
  if (!best) {
    result.gain_db = std::clamp(gain_db, goal.min_gain_db, goal.max_gain_db);
    return result;
  }
  result.gain_db = best->gain_db;
  result.reached_lufs = goal.target_lufs + best->error_lu;
  result.reached = std::abs(best->error_lu) <= goal.tolerance_lu;
  return result;
}

}  // namespace tutti
