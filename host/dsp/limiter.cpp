// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/limiter.hpp"

#include <algorithm>
#include <cmath>

namespace tutti {
namespace {

// Overshoots that a moving gain leaves are short and small: later stages need no more look-ahead
// than keeps their own gain smooth, and a release that is over before the ear could follow it.
constexpr double kLaterLookaheadMs = 0.75;
constexpr double kLaterReleaseMs = 5;

// A gain that is released between the half-waves of a tone bends its waveform. Held for 10 ms it
// stands still from 50 Hz up. The hold is part of the release time, and never more than a sixth.
constexpr double kHoldMs = 10;
constexpr double kHoldShare = 1.0 / 6;

int bits_of(Frames value) {
  int bits = 0;
  while ((Frames{1} << bits) < value) ++bits;
  return bits;
}

LimiterStageDesign stage(Frames lookahead_frames, double release_ms, double hold_ms,
                         double sample_rate_hz) {
  LimiterStageDesign result;
  result.window_frames = lookahead_frames + 1;
  int bits = 62;  // a reduction times all three boxes fits into 63 bits
  for (Frames b = 0; b < 3; ++b) {
    result.box_frames[b] = (result.window_frames + 2 + b) / 3;
    bits -= bits_of(result.box_frames[b]);
  }
  result.hold_frames = ms_to_frames(hold_ms, sample_rate_hz);
  result.release_pole = time_constant_pole(release_ms - hold_ms, sample_rate_hz);
  result.fraction_bits = std::min(bits, 30);
  return result;
}

}  // namespace

std::vector<SpecIssue> validate(const LimiterSpec&, double) { return {}; }

LimiterDesign design(const LimiterSpec& spec, double sample_rate_hz) {
  LimiterDesign result;
  result.ceiling = db_to_linear(spec.ceiling_dbtp);
  result.input_gain = db_to_linear(spec.input_gain_db);
  result.link = spec.link;
  result.lookahead_frames = std::max<Frames>(1, ms_to_frames(spec.lookahead_ms, sample_rate_hz));
  const Frames later_frames = std::max<Frames>(1, ms_to_frames(kLaterLookaheadMs, sample_rate_hz));
  const double hold_ms = std::min(kHoldMs, kHoldShare * spec.release_ms);
  for (int s = 0; s < kLimiterStages; ++s) {
    result.stages[s] =
        s == 0 ? stage(result.lookahead_frames, spec.release_ms, hold_ms, sample_rate_hz)
               : stage(later_frames, kLaterReleaseMs, 0, sample_rate_hz);
    result.latency_frames += result.stages[s].latency_frames();
  }
  result.release_pole = result.stages[0].release_pole;
  return result;
}

float limiter_threshold(const LimiterDesign& design) {
  const auto nearest = static_cast<float>(design.ceiling);
  return nearest > design.ceiling ? std::nextafter(nearest, 0.0F) : nearest;
}

Frames limiter_memory_frames(const LimiterDesign& design) {
  const LimiterStageDesign& first = design.stages[0];
  const double pole = first.release_pole;
  return design.latency_frames + first.hold_frames +
         (pole > 0 ? static_cast<Frames>(-40.0 / std::log(pole)) : 0);
}

// Each stage hears the changes of the one before until that one rests.
Frames limiter_rest_frames(const LimiterDesign& design) {
  Frames frames = design.latency_frames;
  for (const LimiterStageDesign& stage : design.stages) {
    const double pole = stage.release_pole;
    const double release =
        pole > 0 ? std::ceil(stage.fraction_bits * std::log(2.0) / -std::log(pole)) : 0;
    frames += 2 * kTruePeakTaps + stage.window_frames + stage.hold_frames +
              static_cast<Frames>(std::min(release, 1e12)) + 1;
    for (const Frames box : stage.box_frames) frames += box;
  }
  return frames;
}

}  // namespace tutti
