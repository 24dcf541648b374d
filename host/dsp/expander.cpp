// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/expander.hpp"

#include <algorithm>

#include "host/dsp/level_log2.hpp"

namespace tutti {

std::vector<SpecIssue> validate(const ExpanderSpec& spec, double sample_rate_hz) {
  return validate(spec.sidechain, sample_rate_hz);
}

ExpanderDesign design(const ExpanderSpec& spec, double sample_rate_hz) {
  ExpanderDesign d;
  d.threshold_log2 = db_to_log2(spec.threshold_db);
  d.slope = spec.ratio - 1.0;
  d.knee_log2 = db_to_log2(spec.knee_db);
  d.range_log2 = db_to_log2(spec.range_db);
  d.attack_pole = time_constant_pole(spec.attack_ms, sample_rate_hz);
  d.release_pole = time_constant_pole(spec.release_ms, sample_rate_hz);
  d.link = spec.link;
  d.lookahead_frames = ms_to_frames(spec.lookahead_ms, sample_rate_hz);
  const auto key_filter = design_key_filter(spec.sidechain, sample_rate_hz);
  d.has_key_filter = key_filter.has_value();
  d.key_filter = key_filter.value_or(BiquadDesign{});
  return d;
}

double static_gain_log2(const ExpanderDesign& design, double level_log2) {
  const double under_log2 = design.threshold_log2 - level_log2;
  return std::max(-design.slope * knee_excess_log2(under_log2, design.knee_log2),
                  design.range_log2);
}

}  // namespace tutti
