// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/gate.hpp"

#include <cmath>

#include "host/dsp/level_log2.hpp"

namespace tutti {

std::vector<SpecIssue> validate(const GateSpec& spec, double sample_rate_hz) {
  return validate(spec.sidechain, sample_rate_hz);
}

GateDesign design(const GateSpec& spec, double sample_rate_hz) {
  GateDesign d;
  d.open_log2 = db_to_log2(spec.threshold_db);
  d.close_log2 = db_to_log2(spec.threshold_db - spec.hysteresis_db);
  d.range_linear = db_to_linear(spec.range_db);
  d.attack_pole = time_constant_pole(spec.attack_ms, sample_rate_hz);
  d.release_pole = time_constant_pole(spec.release_ms, sample_rate_hz);
  d.hold_frames = ms_to_frames(spec.hold_ms, sample_rate_hz);
  d.link = spec.link;
  d.lookahead_frames = ms_to_frames(spec.lookahead_ms, sample_rate_hz);
  const auto key_filter = design_key_filter(spec.sidechain, sample_rate_hz);
  d.has_key_filter = key_filter.has_value();
  d.key_filter = key_filter.value_or(BiquadDesign{});
  return d;
}

GateThresholds gate_thresholds(const GateDesign& design) {
  // For `x > open` the next float at or below, for `x < close` the next at or above.
  const double open = std::exp2(design.open_log2), close = std::exp2(design.close_log2);
  float open_above = static_cast<float>(open), close_below = static_cast<float>(close);
  if (open_above > open) open_above = std::nextafter(open_above, 0.0f);
  if (close_below < close) close_below = std::nextafter(close_below, HUGE_VALF);
  return {open_above, close_below};
}

}  // namespace tutti
