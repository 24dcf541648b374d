// SPDX-License-Identifier: Apache-2.0
#include "kernels/lane_dynamics.hpp"

namespace tutti::cuda {
namespace {

/// Rows of a 2 × 2 matrix.
using Matrix = std::array<double, 4>;

Matrix squared(const Matrix& m) {
  return {m[0] * m[0] + m[1] * m[2], m[0] * m[1] + m[1] * m[3], m[2] * m[0] + m[3] * m[2],
          m[2] * m[1] + m[3] * m[3]};
}

}  // namespace

StripDetector make_detector(bool has_key_filter, const BiquadDesign& key_filter, double mix) {
  StripDetector detector{};
  detector.key_filter = key_filter;
  detector.has_key_filter = has_key_filter ? 1 : 0;
  detector.mix = static_cast<float>(mix);
  // Zero input: s1 ← −a1·s1 + s2, s2 ← −a2·s1.
  Matrix power{-key_filter.a1, 1.0, -key_filter.a2, 0.0};
  for (int frames = 1; frames < kRunFrames; frames *= 2) power = squared(power);
  for (auto& row : detector.filter_powers) {
    std::copy(power.begin(), power.end(), row);
    power = squared(power);
  }
  return detector;
}

}  // namespace tutti::cuda
