// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/stereo.hpp"

#include <fmt/format.h>

#include "host/dsp/eq.hpp"

namespace tutti {

std::vector<SpecIssue> validate(const StereoSpec& spec, double sample_rate_hz) {
  std::vector<SpecIssue> issues;
  if (spec.mono_below_hz && !(*spec.mono_below_hz < sample_rate_hz / 2))
    issues.push_back({"mono_below_hz",
                      fmt::format("mono_below_hz {} is above what the sample rate can carry; at {} "
                                  "Hz it must be below {}",
                                  *spec.mono_below_hz, sample_rate_hz, sample_rate_hz / 2),
                      "lower it or raise sample_rate_hz"});
  return issues;
}

StereoDesign design(const StereoSpec& spec, double sample_rate_hz) {
  StereoDesign design;
  design.mid = db_to_linear(spec.mid_db);
  design.side = db_to_linear(spec.side_db) * spec.width;
  if (!spec.mono_below_hz) return design;
  EqBandSpec band;
  band.type = EqBandType::high_pass;
  band.freq_hz = *spec.mono_below_hz;
  band.slope_db_per_oct = 24;
  // The closed form has two sections, and is exact where a bass is (within 1e-5 dB up to 2 kHz).
  const std::vector<BiquadDesign> sections =
      design_band(band, EqCurve::analog, sample_rate_hz, EqQuality::automated);
  design.section_count = static_cast<int>(sections.size());
  for (int i = 0; i < design.section_count; ++i) design.sections[i] = sections[i];
  return design;
}

}  // namespace tutti
