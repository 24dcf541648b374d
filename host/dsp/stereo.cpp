// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/stereo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

Frames memory_frames(const StereoDesign& design) {
  if (design.section_count == 0) return 0;
  double radius = 0;
  for (int i = 0; i < design.section_count; ++i) {
    // Roots of z² + a1·z + a2: a pair has √a2 as its modulus.
    const double a1 = design.sections[i].a1, a2 = design.sections[i].a2;
    const double discriminant = a1 * a1 / 4 - a2;
    radius = std::max(
        radius, discriminant < 0 ? std::sqrt(a2) : std::abs(a1) / 2 + std::sqrt(discriminant));
  }
  // Each section adds up at most about 1/(1 − r) of what it is fed, and then decays by r a frame.
  const double passed = 1e-18 * (1 - radius) * (1 - radius);
  return static_cast<Frames>(std::ceil(std::log(passed) / std::log(radius)));
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
