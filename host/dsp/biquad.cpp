// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/biquad.hpp"

#include <cmath>
#include <numbers>

#include "host/audio/units.hpp"

namespace tutti {

std::complex<double> response(const BiquadDesign& design, double omega) {
  const std::complex<double> z1 = std::polar(1.0, -omega);
  const std::complex<double> z2 = z1 * z1;
  return (design.b0 + design.b1 * z1 + design.b2 * z2) / (1.0 + design.a1 * z1 + design.a2 * z2);
}

BiquadDesign design_butterworth_high_pass(double frequency_hz, double sample_rate_hz) {
  // [RBJ, high-pass] with Q = 1/√2; numerator (1, −2, 1)·(1 + cos ω)/2.
  const double omega = 2.0 * kPi * frequency_hz / sample_rate_hz;
  const double alpha = std::sin(omega) / std::numbers::sqrt2;
  const double scale = 1.0 / (1.0 + alpha);
  const double b0 = 0.5 * (1.0 + std::cos(omega)) * scale;
  return {b0, -2.0 * b0, b0, -2.0 * std::cos(omega) * scale, (1.0 - alpha) * scale};
}

}  // namespace tutti
