// SPDX-License-Identifier: Apache-2.0
// The analogue equaliser bands as complex functions of s = j f/f0, from the cookbook's prototypes
// and Butterworth's closed form.
#pragma once

#include <cmath>
#include <complex>

#include "host/dsp/eq.hpp"

namespace tutti::reference {

/// |H| of one band at `frequency_hz`.
inline double eq_magnitude(const EqBandSpec& band, double frequency_hz) {
  const double x = frequency_hz / band.freq_hz;
  const std::complex<double> s(0, x);
  const double a = std::pow(10.0, band.gain_db / 40), r = std::sqrt(a);
  double q = band.q.value_or(1 / std::sqrt(2.0));
  if (band.bandwidth_oct) q = 1 / (2 * std::sinh(std::log(2.0) / 2 * *band.bandwidth_oct));
  const double order = band.slope_db_per_oct / 6;
  switch (band.type) {
    case EqBandType::high_pass:
      if (band.q) return std::abs(s * s / (s * s + s / q + 1.0));
      return 1 / std::sqrt(1 + std::pow(1 / x, 2 * order));
    case EqBandType::low_pass:
      if (band.q) return std::abs(1.0 / (s * s + s / q + 1.0));
      return 1 / std::sqrt(1 + std::pow(x, 2 * order));
    case EqBandType::low_shelf:
      return a * std::abs((s * s + r / q * s + a) / (a * s * s + r / q * s + 1.0));
    case EqBandType::high_shelf:
      return a * std::abs((a * s * s + r / q * s + 1.0) / (s * s + r / q * s + a));
    case EqBandType::bell:
      return std::abs((s * s + s * (a / q) + 1.0) / (s * s + s / (a * q) + 1.0));
    case EqBandType::notch:
      return std::abs((s * s + 1.0) / (s * s + s / q + 1.0));
    case EqBandType::band_pass:
      return std::abs((s / q) / (s * s + s / q + 1.0));
    case EqBandType::tilt:
      break;
  }
  return std::abs((a * s + 1.0) / (s + a));
}

}  // namespace tutti::reference
