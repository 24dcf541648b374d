// SPDX-License-Identifier: Apache-2.0
// True-peak look-ahead limiter.
#pragma once

#include <array>
#include <vector>

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

/// Gain that one channel needs when it alone needs `own` and the one that needs most needs `least`:
/// blended in dB by `link`, never above `own`.
double linked_gain(double own, double least, double link);

}  // namespace tutti
