// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/gate.hpp"

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

}  // namespace tutti
