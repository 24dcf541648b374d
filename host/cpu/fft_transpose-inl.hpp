// SPDX-License-Identifier: Apache-2.0
// A 16×16 transposition in two halves: 4×4 elements within 128-bit blocks, then 4×4 blocks.
#if defined(TUTTI_HOST_CPU_FFT_TRANSPOSE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TUTTI_HOST_CPU_FFT_TRANSPOSE_INL
#undef TUTTI_HOST_CPU_FFT_TRANSPOSE_INL
#else
#define TUTTI_HOST_CPU_FFT_TRANSPOSE_INL
#endif

#include <cstddef>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tutti::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR

// Without vectors the first half does nothing and the second one moves single elements.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void transpose_elements(D, V&, V&, V&, V&) {}

HWY_INLINE void gather_tile(const float* tile, float* rows, std::size_t row_floats) {
  for (std::size_t row = 0; row < 16; ++row) {
    for (std::size_t column = 0; column < 16; ++column) {
      rows[row * row_floats + column] = tile[(4 * (column % 4) + column / 4) * row_floats + row];
    }
  }
}

HWY_INLINE void scatter_tile(const float* rows, float* tile, std::size_t row_floats) {
  for (std::size_t row = 0; row < 16; ++row) {
    for (std::size_t column = 0; column < 16; ++column) {
      tile[(4 * (column % 4) + column / 4) * row_floats + row] = rows[row * row_floats + column];
    }
  }
}

#else

/// Within each 128-bit block: element j of vector i ↔ element i of vector j. Its own inverse.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void transpose_elements(D d, V& r0, V& r1, V& r2, V& r3) {
  const hn::Repartition<double, D> pairs;
  const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, r0, r1));
  const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, r2, r3));
  const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, r0, r1));
  const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, r2, r3));
  r0 = hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23));
  r1 = hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23));
  r2 = hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23));
  r3 = hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23));
}

/// Four rows of 16 floats, `from_stride` apart, as 4×4 blocks of 4 floats; written transposed, rows
/// `to_stride` apart. Its own inverse.
HWY_INLINE void transpose_blocks(const float* from, std::size_t from_stride, float* to,
                                 std::size_t to_stride) {
#if HWY_TARGET <= HWY_AVX3
  const hn::Full512<float> d;
  const __m512 a = hn::Load(d, from).raw, b = hn::Load(d, from + from_stride).raw;
  const __m512 c = hn::Load(d, from + 2 * from_stride).raw;
  const __m512 e = hn::Load(d, from + 3 * from_stride).raw;
  const __m512 ab_low = _mm512_shuffle_f32x4(a, b, 0x44),
               ab_high = _mm512_shuffle_f32x4(a, b, 0xEE);
  const __m512 ce_low = _mm512_shuffle_f32x4(c, e, 0x44),
               ce_high = _mm512_shuffle_f32x4(c, e, 0xEE);
  _mm512_store_ps(to, _mm512_shuffle_f32x4(ab_low, ce_low, 0x88));
  _mm512_store_ps(to + to_stride, _mm512_shuffle_f32x4(ab_low, ce_low, 0xDD));
  _mm512_store_ps(to + 2 * to_stride, _mm512_shuffle_f32x4(ab_high, ce_high, 0x88));
  _mm512_store_ps(to + 3 * to_stride, _mm512_shuffle_f32x4(ab_high, ce_high, 0xDD));
#else
  const hn::Full128<float> d;
  for (std::size_t row = 0; row < 4; ++row) {
    for (std::size_t block = 0; block < 4; ++block) {
      hn::Store(hn::Load(d, from + row * from_stride + 4 * block), d,
                to + block * to_stride + 4 * row);
    }
  }
#endif
}

/// tile[4e + k], where lane 4b + j is column 4b + e of row 4k + j: written as columns to `rows`.
HWY_INLINE void gather_tile(const float* tile, float* rows, std::size_t row_floats) {
  for (std::size_t e = 0; e < 4; ++e) {
    transpose_blocks(tile + 4 * e * row_floats, row_floats, rows + e * row_floats, 4 * row_floats);
  }
}

/// The inverse of `gather_tile`.
HWY_INLINE void scatter_tile(const float* rows, float* tile, std::size_t row_floats) {
  for (std::size_t e = 0; e < 4; ++e) {
    transpose_blocks(rows + e * row_floats, 4 * row_floats, tile + 4 * e * row_floats, row_floats);
  }
}

#endif

}  // namespace tutti::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
