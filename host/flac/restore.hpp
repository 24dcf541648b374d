// SPDX-License-Identifier: Apache-2.0
// Samples from what their predictors left, eight subframes side by side.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace tutti::flac {

inline constexpr int kRestoreLanes = 8;
/// What a stream's predictors may have; ours have fewer (predictor.hpp).
inline constexpr int kMostReadOrder = 32;

/// One subframe. samples[n] is the sample for n < order and the residual from there on; sample n is
/// that and floor(sum over k < order of coefficients[k] * x[n - 1 - k] / 2^shift).
struct RestoreLane {
  std::int32_t* samples = nullptr;
  int order = 0;
  int shift = 0;
  std::array<std::int32_t, kMostReadOrder> coefficients{};  ///< of up to 15 bits; zeros behind
  /// Found: the bits that x, or -1 - x where x < 0, has anywhere. Only where they are below 2^31 at
  /// the end are the samples what they should be.
  std::uint64_t magnitudes = 0;
};

/// In place, of all lanes `frames` samples.
void restore(std::span<RestoreLane, kRestoreLanes> lanes, int frames);

}  // namespace tutti::flac
