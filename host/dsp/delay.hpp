// SPDX-License-Identifier: Apache-2.0
// Delay line with feedback; linear and time-invariant.
#pragma once

#include <complex>
#include <vector>

#include "host/audio/units.hpp"
#include "host/dsp/fields.hpp"

namespace tutti {

struct DelaySpec {
  static constexpr const char* kKey = "delay";
  double time_ms = 0;    ///< rounded to whole frames
  double feedback = 0;   ///< share of the delayed signal that is fed back
  double dry_db = kMinusInfinityDb;
  double wet_db = 0;
};

template <class V>
void visit_fields(V& v, DelaySpec& s) {
  v.number("time_ms", s.time_ms, {0, 10000}, Automatable::no);
  v.number("feedback", s.feedback, {0, 0.99}, Automatable::no);
  v.number("dry_db", s.dry_db, {-120, 24, true}, Automatable::yes);
  v.number("wet_db", s.wet_db, {-120, 24, true}, Automatable::yes);
}

/// y[n] = dry·x[n] + wet·d[n], d[n] = x[n − delay] + feedback·d[n − delay]. No latency: the delay is
/// the effect.
struct DelayDesign {
  Frames delay_frames = 0;
  double feedback = 0, dry = 0, wet = 1;
};

std::vector<SpecIssue> validate(const DelaySpec& spec, double sample_rate_hz);
DelayDesign design(const DelaySpec& spec, double sample_rate_hz);
std::complex<double> response(const DelayDesign& design, double omega);

}  // namespace tutti
