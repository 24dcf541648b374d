// SPDX-License-Identifier: Apache-2.0
// A small mixer in double: the truth for whole sessions of gains, offsets and convolutions.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace tutti::test {

using Samples = std::vector<double>;

inline double decibels(double level_db) { return std::pow(10.0, level_db / 20.0); }

/// to[at + n] += gain · from[n], as long as `to` reaches.
inline void add_at(Samples& to, const Samples& from, std::size_t at, double gain) {
  for (std::size_t n = 0; n < from.size() && at + n < to.size(); ++n) to[at + n] += gain * from[n];
}

/// Direct convolution.
inline Samples convolve(const Samples& x, const Samples& h) {
  Samples y(x.size() + h.size() - 1, 0.0);
  for (std::size_t n = 0; n < x.size(); ++n) {
    if (x[n] == 0.0) continue;
    for (std::size_t k = 0; k < h.size(); ++k) y[n + k] += x[n] * h[k];
  }
  return y;
}

}  // namespace tutti::test
