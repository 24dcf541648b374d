// SPDX-License-Identifier: Apache-2.0
// True peak, slowly: band-limited interpolation at every point of an even grid, in double.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace tutti::test {

inline double reference_bessel_i0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; k < 200; ++k) {
    term *= x * x / (4.0 * k * k);
    sum += term;
  }
  return sum;
}

/// `phases` points to a sample, 64 taps each, Kaiser β = 9, unit gain at 0 Hz, silence outside.
/// Interval n, from 32 before the first sample to 31 after the last, begins at result[n + 32].
inline std::vector<double> reference_interval_peaks(std::span<const float> x, int phases) {
  constexpr int kReach = 32;
  const double pi = std::acos(-1.0);
  std::vector<std::vector<double>> filters(phases, std::vector<double>(2 * kReach, 0.0));
  filters[0][kReach - 1] = 1;
  for (int p = 1; p < phases; ++p) {
    double sum = 0;
    for (int k = 0; k < 2 * kReach; ++k) {
      const double u = k - (kReach - 1) - static_cast<double>(p) / phases;
      const double w = reference_bessel_i0(9 * std::sqrt(1 - u * u / (kReach * kReach))) /
                       reference_bessel_i0(9);
      sum += filters[p][k] = std::sin(pi * u) / (pi * u) * w;
    }
    for (double& tap : filters[p]) tap /= sum;
  }
  const auto frames = static_cast<std::ptrdiff_t>(x.size());
  std::vector<double> padded(frames + 4 * kReach, 0.0);
  std::copy(x.begin(), x.end(), padded.begin() + 2 * kReach);
  std::vector<double> peaks(frames + 2 * kReach, 0.0);
  for (std::ptrdiff_t n = -kReach; n < frames + kReach; ++n)
    for (const std::vector<double>& filter : filters) {
      double y = 0;
      const double* in = padded.data() + 2 * kReach + n - (kReach - 1);
      // The last interval's last tap falls outside of the padding, on silence.
      const std::ptrdiff_t left = frames + 2 * kReach - (n - (kReach - 1));
      const std::ptrdiff_t taps = std::min<std::ptrdiff_t>(2 * kReach, left);
      for (std::ptrdiff_t k = 0; k < taps; ++k) y += filter[k] * in[k];
      peaks[n + kReach] = std::max(peaks[n + kReach], std::abs(y));
    }
  return peaks;
}

inline double reference_true_peak(std::span<const float> x, int phases = 16) {
  const std::vector<double> peaks = reference_interval_peaks(x, phases);
  return *std::max_element(peaks.begin(), peaks.end());
}

}  // namespace tutti::test
