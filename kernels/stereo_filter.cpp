// SPDX-License-Identifier: Apache-2.0
// The matrices of a side filter.
#include <array>

#include "kernels/stereo.hpp"

namespace tutti::cuda {
namespace {

// Matrices of powers are squared in long double: a pole near 1 loses as many digits as the power
// has.
template <std::size_t kSize>
using Matrix = std::array<std::array<long double, kSize>, kSize>;

template <std::size_t kSize>
Matrix<kSize> squared(const Matrix<kSize>& m) {
  Matrix<kSize> result{};
  for (std::size_t i = 0; i < kSize; ++i)
    for (std::size_t j = 0; j < kSize; ++j)
      for (std::size_t k = 0; k < kSize; ++k) result[i][j] += m[i][k] * m[k][j];
  return result;
}

/// m^(2^times).
template <std::size_t kSize>
Matrix<kSize> power_of_two(Matrix<kSize> m, int times) {
  for (; times > 0; --times) m = squared(m);
  return m;
}

constexpr int log2_of(Frames power) { return power == 1 ? 0 : 1 + log2_of(power / 2); }

}  // namespace

SideFilter side_filter(const StereoDesign& design) {
  SideFilter filter{};
  Matrix<SideFilter::kStates> both{};
  for (int k = 0; k < SideFilter::kSections; ++k) {
    const BiquadDesign& d = filter.sections[k] = design.sections[k];
    // biquad_step without input: s1 ← −a1·s1 + s2, s2 ← −a2·s1.
    const Matrix<2> step{{{-d.a1, 1}, {-d.a2, 0}}};
    for (int level = 0; level < SideFilter::kLevels; ++level) {
      const Matrix<2> power = power_of_two(step, log2_of(SideFilter::kRun) + level);
      for (int i = 0; i < 4; ++i)
        filter.powers[k][level][i] = static_cast<double>(power[i / 2][i % 2]);
    }
    for (int i = 0; i < 4; ++i) both[2 * k + i / 2][2 * k + i % 2] = step[i / 2][i % 2];
  }
  // The second section hears y = s1 of the first: s1 += (b1 − a1·b0)·y, s2 += (b2 − a2·b0)·y.
  const BiquadDesign& d = filter.sections[1];
  both[2][0] = d.b1 - static_cast<long double>(d.a1) * d.b0;
  both[3][0] = d.b2 - static_cast<long double>(d.a2) * d.b0;
  const Matrix<SideFilter::kStates> chunk = power_of_two(both, log2_of(kScanFrames));
  for (int i = 0; i < SideFilter::kStates * SideFilter::kStates; ++i)
    filter.chunk[i] = static_cast<double>(chunk[i / SideFilter::kStates][i % SideFilter::kStates]);
  return filter;
}

}  // namespace tutti::cuda
