// SPDX-License-Identifier: Apache-2.0
// A delay with feedback the slow way: y[n] = dry·x[n] + wet·Σ_k feedback^(k−1) x[n − k·delay].
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "host/dsp/delay.hpp"

namespace tutti::reference {

inline std::vector<double> delay(const DelaySpec& spec, double sample_rate_hz,
                                 const std::vector<float>& x) {
  const auto gain = [](double db) { return std::isinf(db) ? 0.0 : std::pow(10.0, db / 20); };
  const auto step = static_cast<std::size_t>(std::round(spec.time_ms / 1000 * sample_rate_hz));
  std::vector<double> y(x.size());
  for (std::size_t n = 0; n < x.size(); ++n) {
    double echoes = step == 0 ? x[n] : 0, level = 1;
    for (std::size_t back = step; step > 0 && back <= n && level > 1e-40; back += step) {
      echoes += level * static_cast<double>(x[n - back]);
      level *= spec.feedback;
    }
    y[n] = gain(spec.dry_db) * x[n] + gain(spec.wet_db) * echoes;
  }
  return y;
}

}  // namespace tutti::reference
