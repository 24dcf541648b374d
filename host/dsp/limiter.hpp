// SPDX-License-Identifier: Apache-2.0
// True-peak look-ahead limiter.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "host/audio/host_device.hpp"
#include "host/audio/units.hpp"
#include "host/dsp/fields.hpp"
#include "host/dsp/true_peak.hpp"

namespace tutti {

struct LimiterSpec {
  static constexpr const char* kKey = "limiter";
  double ceiling_dbtp = -1;
  double lookahead_ms = 1.5;  ///< time in which the gain falls before a peak
  double release_ms = 60;     ///< after it, 63 % of a reduction is given back (hold included)
  double input_gain_db = 0;
  double link = 1;  ///< 1: one gain for all channels, 0: each channel its own
};

template <class V>
void visit_fields(V& v, LimiterSpec& s) {
  v.number("ceiling_dbtp", s.ceiling_dbtp, {-60, 12}, Automatable::no);
  v.number("lookahead_ms", s.lookahead_ms, {0.1, 50}, Automatable::no);
  v.number("release_ms", s.release_ms, {1, 5000}, Automatable::no);
  v.number("input_gain_db", s.input_gain_db, {-60, 60}, Automatable::yes);
  v.number("link", s.link, {0, 1}, Automatable::no);
}

/// One look-ahead gain computer; the limiter is a cascade of them. With r[n] = 1 − gain that frame
/// n needs: the maximum over the next `window_frames` and the last `hold_frames`, an exponential
/// release, then three boxcar means whose joint length is the window, so that the smoothed
/// reduction never falls short of r[n].
struct LimiterStageDesign {
  Frames window_frames = 1;  ///< W: look-ahead plus the frame itself
  Frames hold_frames = 0;
  std::array<Frames, 3> box_frames{1, 1, 1};  ///< Σ − 2 = W
  double release_pole = 0;
  /// Reductions are integers in units of 2^−bits, which makes the running sums of the boxes exact:
  /// no drift, and a gain of exactly 1 when nothing is over.
  int fraction_bits = 30;

  Frames latency_frames() const { return kTruePeakReach + window_frames - 1; }
};

/// A gain that moves makes new peaks between the samples, smaller by a large factor than those that
/// it removed. A second and a third stage remove these; nearly always they find nothing to do.
inline constexpr int kLimiterStages = 3;

/// Numbers of the machine.
struct LimiterDesign {
  double ceiling = 1;  ///< linear true-peak ceiling
  double input_gain = 1;
  double release_pole = 0;  ///< of the first stage
  double link = 1;
  Frames lookahead_frames = 0;  ///< of the gain of the first stage
  Frames latency_frames = 0;    ///< of the whole unit, interpolators included
  std::array<LimiterStageDesign, kLimiterStages> stages;
};

std::vector<SpecIssue> validate(const LimiterSpec& spec, double sample_rate_hz);
LimiterDesign design(const LimiterSpec& spec, double sample_rate_hz);

/// Peaks are floats: those above this one are limited. The largest float not above the ceiling.
float limiter_threshold(const LimiterDesign& design);

/// Where they are taken to: 0.0001 dB below the ceiling, so that rounding to float neither lifts
/// them over it again nor sends them to the next stage.
inline double limiter_target(const LimiterDesign& design) { return design.ceiling * (1 - 1e-5); }

/// Frames of silence after which a limiter has forgotten a sound: its look-ahead is empty and 40
/// time constants of its release (10^−17) have passed.
Frames limiter_memory_frames(const LimiterDesign& design);

/// Frames behind a peak from which on the limiter passes on what it gets, exactly: every stage's
/// reduction has fallen below its unit.
Frames limiter_rest_frames(const LimiterDesign& design);

/// Gain that one channel needs when it alone needs `own` and the one that needs most needs `least`:
/// blended in dB by `link`, never above `own`.
TUTTI_HOST_DEVICE inline double linked_gain(double own, double least, double link) {
  if (link >= 1) return least;
  if (link <= 0 || own == least) return own;
  const double blended = exp2(link * log2(least) + (1 - link) * log2(own));
  return blended < own ? blended : own;
}

/// Peaks that call for the blended gain: the peak that one channel is limited by when its own is
/// `peak` (0: not above the ceiling) and the highest of all channels is `highest` > 0.
TUTTI_HOST_DEVICE inline float linked_peak(float peak, float highest, double target, double link) {
  const double least = target < highest ? target / highest : 1.0;
  const double own = peak > 0 && target < peak ? target / peak : 1.0;
  const auto linked = static_cast<float>(target / linked_gain(own, least, link));
  return linked > peak ? linked : peak;
}

/// Needed 1 − gain of an interval in units of 1/scale, for its peak where that is above the
/// ceiling, else 0. Rounded up: the gain may only be lower than what is needed.
TUTTI_HOST_DEVICE inline std::int32_t needed_reduction(float peak, double target, double scale) {
  if (!(peak > 0)) return 0;
  const double units = (1 - target / peak) * scale + 1;
  return static_cast<std::int32_t>(units < scale ? units : scale);
}

/// The gain of a smoothed reduction: `sum` of the last box, `unit` = 1 / (box lengths · scale).
/// Less than one unit is 0.
TUTTI_HOST_DEVICE inline double reduced_gain(std::int64_t sum, double unit, double resolution) {
  const double gain = 1 - static_cast<double>(sum) * unit;
  return gain < resolution ? 0 : gain;
}

}  // namespace tutti
