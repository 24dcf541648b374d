// SPDX-License-Identifier: Apache-2.0
// Products of whole numbers in vectors, exact.
#if defined(TUTTI_HOST_FLAC_LOW_PRODUCTS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TUTTI_HOST_FLAC_LOW_PRODUCTS_INL
#undef TUTTI_HOST_FLAC_LOW_PRODUCTS_INL
#else
#define TUTTI_HOST_FLAC_LOW_PRODUCTS_INL
#endif

#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace tutti::flac::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Of lanes of 64 bits, the products of the low halves, as signed numbers.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V low_products(D d, V a, V b) {
#if HWY_TARGET == HWY_SCALAR
  const auto low = [](V x) {
    return static_cast<std::int64_t>(static_cast<std::int32_t>(hn::GetLane(x)));
  };
  return hn::Set(d, low(a) * low(b));
#else
  (void)d;
  const hn::Repartition<std::int32_t, D> narrow;
  return hn::MulEven(hn::BitCast(narrow, a), hn::BitCast(narrow, b));
#endif
}

}  // namespace tutti::flac::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
