// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/eq_rbj.hpp"

#include <cmath>

#include "host/audio/units.hpp"
#include "host/dsp/eq_prototype.hpp"

namespace tutti {
namespace {

// s = (1 − z⁻¹)/(1 + z⁻¹) / k with k = tan(ω0/2), second order.
BiquadDesign bilinear2(const AnalogSection& s, double k) {
  const double k2 = k * k;
  const double a0 = s.d0 * k2 + s.d1 * k + s.d2;
  return {(s.n0 * k2 + s.n1 * k + s.n2) / a0, 2 * (s.n0 * k2 - s.n2) / a0,
          (s.n0 * k2 - s.n1 * k + s.n2) / a0, 2 * (s.d0 * k2 - s.d2) / a0,
          (s.d0 * k2 - s.d1 * k + s.d2) / a0};
}

BiquadDesign bilinear1(const AnalogSection& s, double k) {
  const double a0 = s.d0 * k + s.d1;
  return {(s.n0 * k + s.n1) / a0, (s.n0 * k - s.n1) / a0, 0, (s.d0 * k - s.d1) / a0, 0};
}

}  // namespace

std::vector<BiquadDesign> rbj_sections(const EqBandSpec& band, double sample_rate_hz) {
  const double omega0 = 2 * kPi * band.freq_hz / sample_rate_hz;
  EqBandSpec digital = band;
  if (band.bandwidth_oct) {
    // α = sin ω0 · sinh(ln2/2 · BW · ω0/sin ω0) = sin ω0/(2Q)
    const double sine = std::sin(omega0);
    digital.q = 0.5 / std::sinh(std::log(2.0) / 2 * *band.bandwidth_oct * omega0 / sine);
    digital.bandwidth_oct.reset();
  }
  const EqPrototype analog = prototype(digital);
  std::vector<BiquadDesign> sections;
  for (int i = 0; i < analog.count; ++i) {
    const AnalogSection& s = analog.sections[i];
    const double k = std::tan(omega0 / 2);
    sections.push_back(s.d2 == 0 ? bilinear1(s, k) : bilinear2(s, k));
  }
  return sections;
}

}  // namespace tutti
