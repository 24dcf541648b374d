// SPDX-License-Identifier: Apache-2.0
// A code's length is known when its zeros have been counted, and the next code's place not before:
// the loop waits for itself. Filling is the longest part of that, so several codes go with one.
#include "host/flac/residual_reader.hpp"

#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/flac/residual_reader.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tutti::flac::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// 64 where there is no one.
HWY_INLINE int leading_zeros(std::uint64_t word) {
#if HWY_ARCH_X86_64 && HWY_TARGET <= HWY_AVX2
  // Whatever has AVX2 has it, but the compiler is not told: it would take a slower way.
  std::uint64_t zeros;
  asm("lzcnt %1, %0" : "=r"(zeros) : "r"(word) : "cc");
  return static_cast<int>(zeros);
#else
  return std::countl_zero(word);
#endif
}

/// A number of any length, folded: 2x where x >= 0 and -2x - 1 where not.
HWY_INLINE std::uint64_t take_code(BitReader& in, int parameter) {
  const std::uint64_t zeros = in.take_zeros();
  return zeros << parameter | (parameter > 0 ? in.take(parameter) : 0);
}

/// `count` numbers, still folded, kCodes at a time. False if one has more than 32 bits.
template <int kCodes>
bool take_codes(BitReader& reader, int parameter, int count, std::uint32_t* out) {
  BitReader in = reader;
  std::uint64_t ones = 0;
  int n = 0;
  for (; n + kCodes <= count; n += kCodes) {
    in.fill();
    std::uint64_t word = in.word();
    int width = 0;
    std::uint64_t found[kCodes];
    HWY_UNROLL(4)
    for (int i = 0; i < kCodes; ++i) {
      const int zeros = leading_zeros(word);
      word <<= zeros & 63;
      // With the one that ends the zeros, which is 2^parameter.
      found[i] =
          ((static_cast<std::uint64_t>(zeros) - 1) << parameter) + (word >> (63 - parameter));
      word <<= parameter + 1;
      width += zeros + parameter + 1;
    }
    if (width <= BitReader::kMostBits) [[likely]] {
      in.go_on_from(word, width);
    } else {
      for (auto& number : found) number = take_code(in, parameter);
    }
    for (int i = 0; i < kCodes; ++i) {
      ones |= found[i];
      out[n + i] = static_cast<std::uint32_t>(found[i]);
    }
  }
  for (; n < count; ++n) {
    const std::uint64_t number = take_code(in, parameter);
    ones |= number;
    out[n] = static_cast<std::uint32_t>(number);
  }
  reader = in;
  return ones >> 32 == 0;
}

void unfold(std::int32_t* numbers, int count) {
  const hn::CappedTag<std::int32_t, 16> d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  const auto one = hn::Set(d, 1);
  int n = 0;
  for (; n + lanes <= count; n += lanes) {
    const auto x = hn::LoadU(d, numbers + n);
    const auto half = hn::And(hn::ShiftRight<1>(x), hn::Set(d, 0x7fffffff));
    hn::StoreU(hn::Xor(half, hn::Neg(hn::And(x, one))), d, numbers + n);
  }
  for (; n < count; ++n) {
    const auto x = static_cast<std::uint32_t>(numbers[n]);
    numbers[n] = static_cast<std::int32_t>((x >> 1) ^ (0 - (x & 1)));
  }
}

bool take_partition(BitReader& in, int parameter, int count, std::int32_t* out) {
  auto* folded = reinterpret_cast<std::uint32_t*>(out);
  // As many as mostly fit into one filling: a code has about three bits beside its lower ones.
  const bool fits = parameter <= 10   ? take_codes<4>(in, parameter, count, folded)
                    : parameter <= 15 ? take_codes<3>(in, parameter, count, folded)
                    : parameter <= 24 ? take_codes<2>(in, parameter, count, folded)
                                      : take_codes<1>(in, parameter, count, folded);
  unfold(out, count);
  return fits;
}

/// Numbers as they are, all of one width.
void take_plain(BitReader& in, int width, int count, std::int32_t* out) {
  for (int n = 0; n < count; ++n)
    out[n] = width > 0 ? static_cast<std::int32_t>(in.take_signed(width)) : 0;
}

void take_residual(BitReader& in, int frames, int order, std::int32_t* out, bool& lawful) {
  const auto method = in.take(2);
  const int partition_order = static_cast<int>(in.take(4));
  const int length = frames >> partition_order;
  lawful = method <= 1 && length << partition_order == frames && length >= order;
  const int parameter_bits = method == 0 ? 4 : 5;
  const int escape = (1 << parameter_bits) - 1;
  for (int i = 0, from = order; lawful && i < 1 << partition_order; ++i) {
    const int count = (i + 1) * length - from;
    const int parameter = static_cast<int>(in.take(parameter_bits));
    if (parameter == escape) {
      take_plain(in, static_cast<int>(in.take(5)), count, out + from);
    } else {
      lawful = take_partition(in, parameter, count, out + from);
    }
    from += count;
  }
}

}  // namespace
}  // namespace tutti::flac::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti::flac {
namespace {
HWY_EXPORT(take_residual);
}  // namespace

bool read_residual(BitReader& in, int frames, int order, std::int32_t* out) {
  bool lawful = false;
  HWY_DYNAMIC_DISPATCH(take_residual)(in, frames, order, out, lawful);
  return lawful;
}

}  // namespace tutti::flac
#endif
