// SPDX-License-Identifier: Apache-2.0
// Radix-4 and radix-8 steps of the right-angle transform on registers, and their inverses.
// Per-target include guard, as Highway prescribes for headers with vector code.
#if defined(TUTTI_HOST_CPU_FFT_BUTTERFLY_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TUTTI_HOST_CPU_FFT_BUTTERFLY_INL
#undef TUTTI_HOST_CPU_FFT_BUTTERFLY_INL
#else
#define TUTTI_HOST_CPU_FFT_BUTTERFLY_INL
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tutti::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// One complex number per column.
template <class V>
struct Bins {
  V re, im;
};

/// r = cosine·(1 + i·tangent).
template <class V>
struct Roots {
  V cosine, tangent;
};

/// b / cosine·r
template <class V>
HWY_INLINE Bins<V> rotate(const Bins<V>& b, const Roots<V>& r) {
  return {hn::NegMulAdd(r.tangent, b.im, b.re), hn::MulAdd(r.tangent, b.re, b.im)};
}

/// (a, b) → (a + r·b, a − r·b)
template <class V>
HWY_INLINE void split(Bins<V>& a, Bins<V>& b, const Roots<V>& r) {
  const Bins<V> u = rotate(b, r);
  b = {hn::NegMulAdd(r.cosine, u.re, a.re), hn::NegMulAdd(r.cosine, u.im, a.im)};
  a = {hn::MulAdd(r.cosine, u.re, a.re), hn::MulAdd(r.cosine, u.im, a.im)};
}

/// (a, b) → (a + i·r·b, a − i·r·b)
template <class V>
HWY_INLINE void split_i(Bins<V>& a, Bins<V>& b, const Roots<V>& r) {
  const Bins<V> u = rotate(b, r);
  b = {hn::MulAdd(r.cosine, u.im, a.re), hn::NegMulAdd(r.cosine, u.re, a.im)};
  a = {hn::NegMulAdd(r.cosine, u.im, a.re), hn::MulAdd(r.cosine, u.re, a.im)};
}

/// (y0, y1) → (y0 + y1, (y0 − y1) / r): twice the inverse of `split`.
template <class V>
HWY_INLINE void merge(Bins<V>& y0, Bins<V>& y1, const Roots<V>& r) {
  const Bins<V> d{hn::Sub(y0.re, y1.re), hn::Sub(y0.im, y1.im)};
  y0 = {hn::Add(y0.re, y1.re), hn::Add(y0.im, y1.im)};
  y1 = {hn::Mul(r.cosine, hn::MulAdd(r.tangent, d.im, d.re)),
        hn::Mul(r.cosine, hn::NegMulAdd(r.tangent, d.re, d.im))};
}

/// (y0, y1) → (y0 + y1, (y0 − y1) / (i·r)): twice the inverse of `split_i`.
template <class V>
HWY_INLINE void merge_i(Bins<V>& y0, Bins<V>& y1, const Roots<V>& r) {
  const Bins<V> d{hn::Sub(y1.re, y0.re), hn::Sub(y0.im, y1.im)};
  y0 = {hn::Add(y0.re, y1.re), hn::Add(y0.im, y1.im)};
  y1 = {hn::Mul(r.cosine, hn::MulAdd(r.tangent, d.re, d.im)),
        hn::Mul(r.cosine, hn::NegMulAdd(r.tangent, d.im, d.re))};
}

/// `r`: roots of half and quarter the node's angle.
template <class V>
HWY_INLINE void split4(Bins<V>& a, Bins<V>& b, Bins<V>& c, Bins<V>& d, const Roots<V>& half,
                       const Roots<V>& quarter) {
  split(a, c, half);
  split(b, d, half);
  split(a, b, quarter);
  split_i(c, d, quarter);
}

template <class V>
HWY_INLINE void merge4(Bins<V>& a, Bins<V>& b, Bins<V>& c, Bins<V>& d, const Roots<V>& half,
                       const Roots<V>& quarter) {
  merge(a, b, quarter);
  merge_i(c, d, quarter);
  merge(a, c, half);
  merge(b, d, half);
}

}  // namespace tutti::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
