// SPDX-License-Identifier: Apache-2.0
// The slow truth of second-order sections: direct form I in long double.
#pragma once

#include <cmath>
#include <vector>

namespace tutti::reference {

/// b0, b1, b2, a1, a2 with a0 = 1.
struct Section {
  long double b0, b1, b2, a1, a2;
};

/// y[n] = Σ b x − Σ a y, one section, from rest.
inline std::vector<long double> filter(const Section& s, const std::vector<long double>& x) {
  std::vector<long double> y(x.size());
  const auto at = [](const std::vector<long double>& v, std::size_t n, std::size_t back) {
    return n < back ? 0.0L : v[n - back];
  };
  for (std::size_t n = 0; n < x.size(); ++n) {
    y[n] = s.b0 * x[n] + s.b1 * at(x, n, 1) + s.b2 * at(x, n, 2) - s.a1 * at(y, n, 1) -
           s.a2 * at(y, n, 2);
  }
  return y;
}

/// Second-order Butterworth high-pass H(s) = s²/(s² + √2·s + 1), s = (1 − z⁻¹)/(1 + z⁻¹)/K with
/// K = tan(π f / fs), so that the −3 dB point lies at f.
inline Section butterworth_high_pass(double frequency_hz, double sample_rate_hz) {
  const long double k =
      std::tan(3.14159265358979323846264338327950288L * frequency_hz / sample_rate_hz);
  const long double a0 = 1 + std::sqrt(2.0L) * k + k * k;
  return {1 / a0, -2 / a0, 1 / a0, 2 * (k * k - 1) / a0, (1 - std::sqrt(2.0L) * k + k * k) / a0};
}

}  // namespace tutti::reference
