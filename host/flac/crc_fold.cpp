// SPDX-License-Identifier: Apache-2.0
// Bytes are a polynomial over two elements, the first bit its highest coefficient. Sixteen of them,
// H x^64 + L, with d bits behind them leave what H (x^(d + 64) mod P) + L (x^d mod P) leaves: two
// products without carries, of fewer than 128 bits. Four such rows go side by side, as one product
// takes as long as several.
#include "host/flac/crc_fold.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/flac/crc_fold.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tutti::flac::HWY_NAMESPACE {
namespace {

// Elsewhere Highway makes the product of single bits.
#if (HWY_ARCH_X86 && HWY_TARGET <= HWY_SSE4) || HWY_TARGET == HWY_NEON

namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::FixedTag<std::uint64_t, 2>;
using WordVec = hn::Vec<Words>;

/// x^exponent mod x^16 + x^15 + x^2 + 1.
constexpr std::uint64_t power(int exponent) {
  std::uint32_t rest = 1;
  for (int i = 0; i < exponent; ++i) rest = (rest << 1) ^ ((rest & 0x8000) != 0 ? 0x18005 : 0);
  return rest;
}

/// What moves a row on by so many bits: for L below, for H above.
template <int kBits>
HWY_INLINE WordVec mover() {
  alignas(16) static constexpr std::uint64_t kPowers[2] = {power(kBits), power(kBits + 64)};
  return hn::Load(Words(), kPowers);
}

HWY_INLINE WordVec moved(WordVec row, WordVec mover) {
  return hn::Xor(hn::CLMulLower(row, mover), hn::CLMulUpper(row, mover));
}

/// The first byte above; also the way back.
HWY_INLINE WordVec reversed(WordVec row) {
  const hn::Repartition<std::uint8_t, Words> bytes;
  alignas(16) static constexpr std::uint8_t kOrder[16] = {15, 14, 13, 12, 11, 10, 9, 8,
                                                          7,  6,  5,  4,  3,  2,  1, 0};
  return hn::BitCast(Words(),
                     hn::TableLookupBytes(hn::BitCast(bytes, row), hn::Load(bytes, kOrder)));
}

HWY_INLINE WordVec row_at(const std::uint8_t* from) {
  const hn::Repartition<std::uint8_t, Words> bytes;
  return reversed(hn::BitCast(Words(), hn::LoadU(bytes, from)));
}

void fold(const std::uint8_t* at, std::size_t count, std::uint8_t* folded, std::size_t& taken) {
  const std::uint8_t* const begin = at;
  const auto by_four = mover<4 * 128>(), by_one = mover<128>();
  auto a = row_at(at), b = row_at(at + 16), c = row_at(at + 32), e = row_at(at + 48);
  for (at += 64, count -= 64; count >= 64; at += 64, count -= 64) {
    a = hn::Xor(moved(a, by_four), row_at(at));
    b = hn::Xor(moved(b, by_four), row_at(at + 16));
    c = hn::Xor(moved(c, by_four), row_at(at + 32));
    e = hn::Xor(moved(e, by_four), row_at(at + 48));
  }
  b = hn::Xor(moved(a, by_one), b);
  c = hn::Xor(moved(b, by_one), c);
  e = hn::Xor(moved(c, by_one), e);
  for (; count >= 16; at += 16, count -= 16) e = hn::Xor(moved(e, by_one), row_at(at));
  const hn::Repartition<std::uint8_t, Words> bytes;
  hn::StoreU(hn::BitCast(bytes, reversed(e)), bytes, folded);
  taken = static_cast<std::size_t>(at - begin);
}

#else

void fold(const std::uint8_t*, std::size_t, std::uint8_t*, std::size_t&) {}

#endif

}  // namespace
}  // namespace tutti::flac::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti::flac {
namespace {
HWY_EXPORT(fold);
}  // namespace

std::size_t fold_crc16(std::span<const std::uint8_t> bytes,
                       std::span<std::uint8_t, kFoldedBytes> folded) {
  std::size_t taken = 0;
  HWY_DYNAMIC_DISPATCH(fold)(bytes.data(), bytes.size(), folded.data(), taken);
  return taken;
}

}  // namespace tutti::flac
#endif
