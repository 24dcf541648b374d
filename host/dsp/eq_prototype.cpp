// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/eq_prototype.hpp"

#include <cmath>

#include "host/audio/units.hpp"

namespace tutti {
namespace {

int pass_order(const EqBandSpec& band) { return static_cast<int>(band.slope_db_per_oct / 6 + 0.5); }

EqPrototype pass_prototype(const EqBandSpec& band) {
  const bool low = band.type == EqBandType::low_pass;
  const int order = pass_order(band);
  EqPrototype p;
  for (int i = 0; i < order / 2; ++i) {
    const double q = order == 2 ? band_q(band) : butterworth_q(order, i);
    p.sections[p.count++] = {low ? 1.0 : 0.0, 0, low ? 0.0 : 1.0, 1, 1 / q, 1};
  }
  if (order % 2 == 1) p.sections[p.count++] = {low ? 1.0 : 0.0, low ? 0.0 : 1.0, 0, 1, 1, 0};
  return p;
}

AnalogSection second_order_prototype(const EqBandSpec& band) {
  const double a = std::pow(10.0, band.gain_db / 40), r = std::sqrt(a);
  const double q = band_q(band);
  switch (band.type) {
    case EqBandType::low_shelf:
      return {a * a, a * r / q, a, 1, r / q, a};
    case EqBandType::high_shelf:
      return {a, a * r / q, a * a, a, r / q, 1};
    case EqBandType::bell:
      return {1, a / q, 1, 1, 1 / (a * q), 1};
    case EqBandType::notch:
      return {1, 0, 1, 1, 1 / q, 1};
    case EqBandType::band_pass:
      return {0, 1 / q, 0, 1, 1 / q, 1};
    // −gain/2 at DC, +gain/2 far above, 0 dB at 1: (1 + a s)/(a + s).
    default:
      return {1, a, 0, a, 1, 0};
  }
}

}  // namespace

double band_q(const EqBandSpec& band) {
  if (band.q) return *band.q;
  if (band.bandwidth_oct) return 0.5 / std::sinh(std::log(2.0) / 2 * *band.bandwidth_oct);
  return std::sqrt(0.5);
}

double butterworth_q(int order, int index) {
  return 0.5 / std::sin(kPi * (2 * index + 1) / (2.0 * order));
}

EqPrototype prototype(const EqBandSpec& band) {
  if (band.type == EqBandType::high_pass || band.type == EqBandType::low_pass)
    return pass_prototype(band);
  EqPrototype p;
  p.sections[p.count++] = second_order_prototype(band);
  return p;
}

double power_gain(const AnalogSection& s, double ratio) {
  const double x = ratio * ratio;
  const double n = s.n0 - s.n2 * x, d = s.d0 - s.d2 * x;
  return (n * n + s.n1 * s.n1 * x) / (d * d + s.d1 * s.d1 * x);
}

double power_gain(const EqPrototype& prototype, double ratio) {
  double product = 1;
  for (int i = 0; i < prototype.count; ++i) product *= power_gain(prototype.sections[i], ratio);
  return product;
}

}  // namespace tutti
