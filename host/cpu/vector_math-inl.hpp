// SPDX-License-Identifier: Apache-2.0
// log2 and exp2 of float vectors, several vectors at a time. Included once per instruction set.
//
// Measured over the arguments that the tests sweep: log2 errs by at most 9.2e-8 (5.5e-7 dB) at
// offset 0 and by at most 5e-8 plus three roundings at the magnitude of the offset elsewhere
// (4.5e-7, which is 2.7e-6 dB, at −120 dBFS); exp2 by at most 2.1e-7 of its value (1.8e-6 dB).
#if defined(TUTTI_VECTOR_MATH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TUTTI_VECTOR_MATH_INL
#undef TUTTI_VECTOR_MATH_INL
#else
#define TUTTI_VECTOR_MATH_INL
#endif

#include <hwy/highway.h>
#include "host/dsp/fast_log2.hpp"

HWY_BEFORE_NAMESPACE();
namespace tutti {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// |x| = 2^e·m with 1 ≤ m < 2, of normal x. AVX-512 has instructions for it.
#if HWY_TARGET == HWY_AVX3
HWY_INLINE hn::Vec512<float> exponent_vector(hn::Full512<float>, hn::Vec512<float> x) {
  return hn::Vec512<float>{_mm512_getexp_ps(x.raw)};
}
HWY_INLINE hn::Vec512<float> mantissa_vector(hn::Full512<float>, hn::Vec512<float> x) {
  return hn::Vec512<float>{_mm512_getmant_ps(x.raw, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_zero)};
}
#else
template <class D>
HWY_INLINE hn::Vec<D> exponent_vector(D d, hn::Vec<D> x) {
  const hn::RebindToSigned<D> di;
  const auto biased = hn::ShiftRight<23>(hn::BitCast(di, hn::Abs(x)));
  return hn::ConvertTo(d, hn::Sub(biased, hn::Set(di, 127)));
}
template <class D>
HWY_INLINE hn::Vec<D> mantissa_vector(D d, hn::Vec<D> x) {
  const hn::RebindToSigned<D> di;
  const auto fraction = hn::And(hn::BitCast(di, x), hn::Set(di, 0x007FFFFF));
  return hn::BitCast(d, hn::Or(fraction, hn::Set(di, 0x3F800000)));
}
#endif

/// Vectors that go through a polynomial in step, so that none waits for its own last product: eight
/// hide the latency of a fused multiply-add on two ports; fewer where registers are few.
constexpr int kBundle = HWY_TARGET == HWY_AVX3 ? 8 : 2;

template <class V>
struct Bundle {
  V v[kBundle];
};

/// acc = acc·x + c.
template <class V>
HWY_INLINE void horner_step(Bundle<V>& acc, const Bundle<V>& x, V c) {
  for (int i = 0; i < kBundle; ++i) acc.v[i] = hn::MulAdd(acc.v[i], x.v[i], c);
}

/// The `base` that makes log2_bundle return log2|x| + offset.
template <class D>
HWY_INLINE hn::Vec<D> log2_base(D d, hn::Vec<D> offset) {
  return hn::Add(offset, hn::Set(d, Log2Polynomial::k0));
}

/// x → log2|x| + offset, with `base` = log2_base(offset): |x| = 2^e·(1.5 + r), |r| ≤ ½, and
/// Log2Polynomial at r, its constant in the base. At x = 0 the result lies below −126 + offset,
/// infinity included.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void log2_bundle(D d, V base, Bundle<V>& x) {
  Bundle<V> r, p;
  for (int i = 0; i < kBundle; ++i) {
    r.v[i] = hn::Sub(mantissa_vector(d, x.v[i]), hn::Set(d, Log2Polynomial::kCentre));
    x.v[i] = hn::Add(exponent_vector(d, x.v[i]), base);
    p.v[i] = hn::Set(d, Log2Polynomial::k8);
  }
  horner_step(p, r, hn::Set(d, Log2Polynomial::k7));
  horner_step(p, r, hn::Set(d, Log2Polynomial::k6));
  horner_step(p, r, hn::Set(d, Log2Polynomial::k5));
  horner_step(p, r, hn::Set(d, Log2Polynomial::k4));
  horner_step(p, r, hn::Set(d, Log2Polynomial::k3));
  horner_step(p, r, hn::Set(d, Log2Polynomial::k2));
  horner_step(p, r, hn::Set(d, Log2Polynomial::k1));
  for (int i = 0; i < kBundle; ++i) x.v[i] = hn::MulAdd(p.v[i], r.v[i], x.v[i]);
}

/// x → 2^(−x·scale), −126 ≤ −x·scale ≤ 127. x·scale = n + g, |g| ≤ ½: 2^−n times the
/// Exp2NegativePolynomial at g.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void exp2_negative_bundle(D d, V scale, Bundle<V>& x) {
  const hn::RebindToSigned<D> di;
  const V magic = hn::Set(d, Exp2NegativePolynomial::kMagic);  // leaves −n in the low bits
  Bundle<V> shifted, p;
  for (int i = 0; i < kBundle; ++i) {
    shifted.v[i] = hn::NegMulAdd(x.v[i], scale, magic);
    x.v[i] = hn::MulAdd(x.v[i], scale, hn::Sub(shifted.v[i], magic));
    p.v[i] = hn::Set(d, Exp2NegativePolynomial::k5);
  }
  horner_step(p, x, hn::Set(d, Exp2NegativePolynomial::k4));
  horner_step(p, x, hn::Set(d, Exp2NegativePolynomial::k3));
  horner_step(p, x, hn::Set(d, Exp2NegativePolynomial::k2));
  horner_step(p, x, hn::Set(d, Exp2NegativePolynomial::k1));
  horner_step(p, x, hn::Set(d, Exp2NegativePolynomial::k0));
  for (int i = 0; i < kBundle; ++i) {
    const auto power = hn::ShiftLeft<23>(hn::BitCast(di, shifted.v[i]));
    x.v[i] = hn::BitCast(d, hn::Add(hn::BitCast(di, p.v[i]), power));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace tutti
HWY_AFTER_NAMESPACE();

#endif  // per-target guard
