// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/compressor.hpp"

#include "host/dsp/level_log2.hpp"

namespace tutti {

std::vector<SpecIssue> validate(const CompressorSpec& spec, double sample_rate_hz) {
  return validate(spec.sidechain, sample_rate_hz);
}

CompressorDesign design(const CompressorSpec& spec, double sample_rate_hz) {
  CompressorDesign d;
  d.threshold_log2 = db_to_log2(spec.threshold_db);
  d.slope = 1.0 / spec.ratio - 1.0;  // ratio +inf: −1
  d.knee_log2 = db_to_log2(spec.knee_db);
  d.attack_pole = time_constant_pole(spec.attack_ms, sample_rate_hz);
  d.release_pole = time_constant_pole(spec.release_ms, sample_rate_hz);
  d.makeup_log2 = db_to_log2(spec.makeup_db);
  if (spec.detector == Detector::rms) {
    d.rms_pole = time_constant_pole(spec.rms_window_ms, sample_rate_hz);
  }
  d.link = spec.link;
  d.ballistics = spec.ballistics;
  d.lookahead_frames = ms_to_frames(spec.lookahead_ms, sample_rate_hz);
  const auto key_filter = design_key_filter(spec.sidechain, sample_rate_hz);
  d.has_key_filter = key_filter.has_value();
  d.key_filter = key_filter.value_or(BiquadDesign{});
  return d;
}

double static_gain_log2(const CompressorDesign& design, double level_log2) {
  return design.slope * knee_excess_log2(level_log2 - design.threshold_log2, design.knee_log2);
}

}  // namespace tutti
