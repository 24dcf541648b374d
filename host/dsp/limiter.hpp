// SPDX-License-Identifier: Apache-2.0
// True-peak look-ahead limiter.
#pragma once

#include <vector>

#include "host/audio/units.hpp"
#include "host/dsp/fields.hpp"

namespace tutti {

struct LimiterSpec {
  static constexpr const char* kKey = "limiter";
  double ceiling_dbtp = -1;
  double lookahead_ms = 1.5;
  double release_ms = 60;
  double input_gain_db = 0;
  double link = 1;
};

template <class V>
void visit_fields(V& v, LimiterSpec& s) {
  v.number("ceiling_dbtp", s.ceiling_dbtp, {-60, 12}, Automatable::no);
  v.number("lookahead_ms", s.lookahead_ms, {0.1, 50}, Automatable::no);
  v.number("release_ms", s.release_ms, {1, 5000}, Automatable::no);
  v.number("input_gain_db", s.input_gain_db, {-60, 60}, Automatable::no);
  v.number("link", s.link, {0, 1}, Automatable::no);
}

/// Numbers of the machine. The owner of the limiter may extend it.
struct LimiterDesign {
  double ceiling = 1;            ///< linear true-peak ceiling
  double input_gain = 1;
  double release_pole = 0;
  double link = 1;
  Frames lookahead_frames = 0;   ///< of the gain
  Frames latency_frames = 0;     ///< of the whole unit, interpolator included
};

std::vector<SpecIssue> validate(const LimiterSpec& spec, double sample_rate_hz);
LimiterDesign design(const LimiterSpec& spec, double sample_rate_hz);

}  // namespace tutti
