// SPDX-License-Identifier: Apache-2.0
// Width and levels of mid and side the slow way, and the magnitude that a mono bass has on the
// side.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "host/dsp/stereo.hpp"

namespace tutti::reference {

/// `mono_below_hz` is not looked at.
inline std::array<std::vector<double>, 2> stereo(const StereoSpec& spec,
                                                 const std::vector<float>& left,
                                                 const std::vector<float>& right) {
  const auto gain = [](double db) { return std::isinf(db) ? 0.0 : std::pow(10.0, db / 20); };
  std::array<std::vector<double>, 2> out;
  for (std::size_t n = 0; n < left.size(); ++n) {
    const double l = left[n], r = right[n];
    const double mid = (l + r) / 2 * gain(spec.mid_db);
    const double side = (l - r) / 2 * gain(spec.side_db) * spec.width;
    out[0].push_back(mid + side);
    out[1].push_back(mid - side);
  }
  return out;
}

/// Butterworth high-pass of fourth order: |H|² = 1/(1 + (f0/f)⁸).
inline double mono_bass_magnitude(double mono_below_hz, double frequency_hz) {
  return 1 / std::sqrt(1 + std::pow(mono_below_hz / frequency_hz, 8));
}

}  // namespace tutti::reference
