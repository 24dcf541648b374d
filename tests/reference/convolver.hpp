// SPDX-License-Identifier: Apache-2.0
// Convolution as the sum that defines it, in double.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace tutti::reference {

/// y[n] = Σ_k h[k]·x[n − k] for one n; x is 0 outside its bounds.
template <typename X, typename H>
double convolve_at(const X& x, const H& h, std::size_t n) {
  double sum = 0;
  const std::size_t end = std::min(std::size(h), n + 1);
  const std::size_t begin = n + 1 > std::size(x) ? n + 1 - std::size(x) : 0;
  for (std::size_t k = begin; k < end; ++k) {
    sum += static_cast<double>(h[k]) * static_cast<double>(x[n - k]);
  }
  return sum;
}

/// The first `count` values of x ∗ h.
template <typename X, typename H>
std::vector<double> convolve(const X& x, const H& h, std::size_t count) {
  std::vector<double> y(count);
  for (std::size_t n = 0; n < count; ++n) y[n] = convolve_at(x, h, n);
  return y;
}

}  // namespace tutti::reference
