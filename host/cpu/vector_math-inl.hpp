// SPDX-License-Identifier: Apache-2.0
// log2 and exp2 of float vectors. Included once per instruction set.
//
// Measured over all arguments that the tests sweep: log2 errs by at most 1.1e-7 + half an ulp of
// the result (absolute), exp2 by at most 2.0e-7 (relative, 1.7e-6 dB).
#if defined(TUTTI_VECTOR_MATH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TUTTI_VECTOR_MATH_INL
#undef TUTTI_VECTOR_MATH_INL
#else
#define TUTTI_VECTOR_MATH_INL
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace tutti {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// log2(x) of normal x > 0. x = 2^e·(1 + r), √½ ≤ 1 + r < √2: e + r·P(r), where P is the polynomial
/// of degree 7 that minimises max |r·P(r) − log2(1 + r)| (Remez exchange: 4.8e-8).
template <class D>
HWY_INLINE hn::Vec<D> log2_vector(D d, hn::Vec<D> x) {
  const hn::RebindToSigned<D> di;
  // Subtracting the bits of √½ puts the border between exponents there.
  const auto bits = hn::BitCast(di, x);
  const auto exponent = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(di, 0x3F3504F3)));
  const auto mantissa = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(exponent)));
  const auto r = hn::Sub(mantissa, hn::Set(d, 1.0f));
  auto p = hn::Set(d, -0.145743853875f);
  p = hn::MulAdd(p, r, hn::Set(d, 0.236889968795f));
  p = hn::MulAdd(p, r, hn::Set(d, -0.250069075268f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.286707515017f));
  p = hn::MulAdd(p, r, hn::Set(d, -0.360087219502f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.480939442529f));
  p = hn::MulAdd(p, r, hn::Set(d, -0.721357148765f));
  p = hn::MulAdd(p, r, hn::Set(d, 1.44269477245f));
  return hn::MulAdd(p, r, hn::ConvertTo(d, exponent));
}

/// 2^x for x ≤ 127; below −126 it stays at 2^−126. x = n + f, |f| ≤ ½: 2^n·P(f), where P is the
/// polynomial of degree 5 of least relative error (Remez exchange: 7.5e-8).
template <class D>
HWY_INLINE hn::Vec<D> exp2_vector(D d, hn::Vec<D> x) {
  const hn::RebindToSigned<D> di;
  // Adding 1.5·2^23 leaves the nearest whole number in the low bits of the sum.
  const auto magic = hn::Set(d, 12582912.0f);
  const auto clamped = hn::Max(x, hn::Set(d, -126.0f));
  const auto shifted = hn::Add(clamped, magic);
  const auto f = hn::Sub(clamped, hn::Sub(shifted, magic));
  auto p = hn::Set(d, 0.00132764714009f);
  p = hn::MulAdd(p, f, hn::Set(d, 0.00967554129557f));
  p = hn::MulAdd(p, f, hn::Set(d, 0.0555071327523f));
  p = hn::MulAdd(p, f, hn::Set(d, 0.240221197251f));
  p = hn::MulAdd(p, f, hn::Set(d, 0.693146967064f));
  p = hn::MulAdd(p, f, hn::Set(d, 1.00000007165f));
  const auto scale = hn::ShiftLeft<23>(hn::BitCast(di, shifted));
  return hn::BitCast(d, hn::Add(hn::BitCast(di, p), scale));
}

}  // namespace HWY_NAMESPACE
}  // namespace tutti
HWY_AFTER_NAMESPACE();

#endif  // per-target guard
