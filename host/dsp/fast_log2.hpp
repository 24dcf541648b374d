// SPDX-License-Identifier: Apache-2.0
// log2 and exp2 of floats by one polynomial each: the same on every machine. Their vector form,
// with the errors as measured, is host/cpu/vector_math-inl.hpp.
#pragma once

#include <math.h>

#include <cstdint>

#include "host/audio/host_device.hpp"

namespace tutti {

/// The polynomial of degree 8 nearest to log2(1.5 + r), |r| ≤ ½ (Remez exchange: 4.2e-8), from its
/// highest power down.
struct Log2Polynomial {
  static constexpr float kCentre = 1.5f;
  static constexpr float k8 = -0.00908890785142f, k7 = 0.0147788068066f, k6 = -0.0205787521113f,
                         k5 = 0.0374629000021f, k4 = -0.0712997455478f, k3 = 0.142526374834f,
                         k2 = -0.320596829261f, k1 = 0.961795971557f, k0 = 0.58496248796f;
};

/// The polynomial of degree 5 of least relative error to 2^−g, |g| ≤ ½ (Remez exchange: 7.5e-8).
struct Exp2NegativePolynomial {
  static constexpr float k5 = -0.00132764714009f, k4 = 0.00967554129557f, k3 = -0.0555071327523f,
                         k2 = 0.240221197251f, k1 = -0.693146967064f, k0 = 1.00000007165f;
  /// 1.5·2^23: adding it leaves the nearest whole number in the low bits of the sum.
  static constexpr float kMagic = 12582912.0f;
};

/// log2|x| + offset, where `base` = offset + Log2Polynomial::k0, for normal x; at 0 below
/// −126 + offset.
TUTTI_HOST_DEVICE inline float fast_log2(float x, float base) {
  using P = Log2Polynomial;
  const auto bits = __builtin_bit_cast(std::uint32_t, x) & 0x7FFFFFFFu;
  const auto exponent = static_cast<float>(static_cast<std::int32_t>(bits >> 23) - 127);
  const float r = __builtin_bit_cast(float, (bits & 0x007FFFFFu) | 0x3F800000u) - P::kCentre;
  float p = P::k8;
  p = fmaf(p, r, P::k7);
  p = fmaf(p, r, P::k6);
  p = fmaf(p, r, P::k5);
  p = fmaf(p, r, P::k4);
  p = fmaf(p, r, P::k3);
  p = fmaf(p, r, P::k2);
  p = fmaf(p, r, P::k1);
  return fmaf(p, r, exponent + base);
}

/// 2^−x, −127 ≤ x ≤ 126.
TUTTI_HOST_DEVICE inline float fast_exp2_negative(float x) {
  using P = Exp2NegativePolynomial;
  const float shifted = P::kMagic - x;
  const float g = x + (shifted - P::kMagic);
  float p = P::k5;
  p = fmaf(p, g, P::k4);
  p = fmaf(p, g, P::k3);
  p = fmaf(p, g, P::k2);
  p = fmaf(p, g, P::k1);
  p = fmaf(p, g, P::k0);
  const auto power = __builtin_bit_cast(std::uint32_t, shifted) << 23;
  return __builtin_bit_cast(float, __builtin_bit_cast(std::uint32_t, p) + power);
}

}  // namespace tutti
