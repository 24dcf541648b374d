// SPDX-License-Identifier: Apache-2.0
// The slow truth of second-order sections, in long double: direct form I where they stand still,
// transposed direct form II, whose states are what is kept, where they move.
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

/// One section that changes: `section(n)` is its design at frame n. y = b0 x + s1, then
/// s1 ← b1 x − a1 y + s2, s2 ← b2 x − a2 y.
template <class SectionAt>
std::vector<long double> moving_filter(SectionAt section, const std::vector<long double>& x) {
  std::vector<long double> y(x.size());
  long double s1 = 0, s2 = 0;
  for (std::size_t n = 0; n < x.size(); ++n) {
    const Section s = section(n);
    y[n] = s.b0 * x[n] + s1;
    s1 = s.b1 * x[n] - s.a1 * y[n] + s2;
    s2 = s.b2 * x[n] - s.a2 * y[n];
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
