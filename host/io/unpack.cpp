// SPDX-License-Identifier: Apache-2.0
// One kernel for every integer width and byte order: four samples of B bytes are B double words, so
// a double-word permutation brings each group of four into its 128-bit block, a byte shuffle moves
// every sample to the top of its 32-bit lane, and int32 · 2^−31 is the value.
#include "host/io/unpack.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "host/io/unpack.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tutti::io {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR

// A machine without vectors: one sample at a time.
float load_sample(const StoredFormat& format, const std::byte* in, bool& finite) {
  std::uint32_t word = 0;
  for (int i = 0; i < format.bytes; ++i) {
    const int significance = format.big_endian ? format.bytes - 1 - i : i;
    word |= std::to_integer<std::uint32_t>(in[i]) << 8 * (4 - format.bytes + significance);
  }
  if (format.kind == SampleKind::floating) {
    finite = finite && (word & 0x7fffffffu) < 0x7f800000u;
    return std::bit_cast<float>(word);
  }
  if (format.kind == SampleKind::unsigned_integer) word ^= 0x80000000u;
  return static_cast<float>(static_cast<std::int32_t>(word)) * 0x1p-31f;
}

bool unpack_words(const StoredFormat& format, const std::byte* in, BlockView out) {
  bool finite = true;
  for (Frames n = 0; n < out.frames; ++n) {
    for (int c = 0; c < out.channels; ++c, in += format.bytes) {
      out.channel(c)[n] = load_sample(format, in, finite);
    }
  }
  return !finite;
}

#else

using Words = hn::ScalableTag<std::uint32_t>;
using Floats = hn::ScalableTag<float>;
using FloatVector = hn::Vec<Floats>;

/// The shuffles for one stored format.
struct Shuffle {
  explicit Shuffle(const StoredFormat& format) {
    const Words words;
    const int step = format.bytes;
    alignas(64) std::array<std::int32_t, 64> index = {};
    for (int lane = 0; lane < static_cast<int>(hn::Lanes(words)); ++lane) {
      index[static_cast<std::size_t>(lane)] = lane / 4 * step + (lane % 4 < step ? lane % 4 : 0);
    }
    permutation = hn::SetTableIndices(words, index.data());
    alignas(16) std::array<std::uint8_t, 16> bytes = {};
    for (int byte = 0; byte < 16; ++byte) {
      const int significance = byte % 4 - (4 - step);  // 0: the sample's lowest byte
      const int source =
          byte / 4 * step + (format.big_endian ? step - 1 - significance : significance);
      bytes[static_cast<std::size_t>(byte)] =
          significance < 0 ? 0x80 : static_cast<std::uint8_t>(source);
    }
    pattern = hn::LoadDup128(hn::Repartition<std::uint8_t, Words>(), bytes.data());
  }
  decltype(hn::SetTableIndices(Words(), static_cast<const std::int32_t*>(nullptr))) permutation;
  hn::Vec<hn::Repartition<std::uint8_t, Words> > pattern;
};

/// Converts consecutive samples, one vector at a time, and remembers the largest exponent seen.
template <SampleKind kKind>
class Converter {
 public:
  explicit Converter(const StoredFormat& format) : bytes_(format.bytes), shuffle_(format) {}

  HWY_INLINE FloatVector operator()(const std::byte* in) {
    const Words words;
    const hn::RebindToSigned<Words> integers;
    const Floats floats;
    auto stored = hn::LoadU(words, reinterpret_cast<const std::uint32_t*>(in));
    stored = hn::TableLookupLanes(stored, shuffle_.permutation);
    const auto sorted = hn::BitCast(
        words, hn::TableLookupBytesOr0(hn::BitCast(hn::Repartition<std::uint8_t, Words>(), stored),
                                       shuffle_.pattern));
    if constexpr (kKind == SampleKind::floating) {
      largest_ =
          hn::Max(largest_, hn::BitCast(integers, hn::And(sorted, hn::Set(words, 0x7fffffffu))));
      return hn::BitCast(floats, sorted);
    } else {
      const auto value = kKind == SampleKind::unsigned_integer
                             ? hn::Xor(sorted, hn::Set(words, 0x80000000u))
                             : sorted;
      return hn::Mul(hn::ConvertTo(floats, hn::BitCast(integers, value)),
                     hn::Set(floats, 0x1p-31f));
    }
  }

  /// All ones in the exponent: NaN or infinity.
  bool non_finite() const {
    const hn::RebindToSigned<Words> integers;
    return hn::GetLane(hn::MaxOfLanes(integers, largest_)) >= 0x7f800000;
  }

  int bytes() const { return bytes_; }

 private:
  int bytes_;
  Shuffle shuffle_;
  hn::Vec<hn::RebindToSigned<Words> > largest_ = hn::Zero(hn::RebindToSigned<Words>());
};

/// The last, partial vector: samples past the end must neither be stored nor looked at.
template <class Convert>
void convert_tail(Convert& convert, const std::byte* in, std::size_t samples, float* out) {
  const Floats floats;
  alignas(64) std::array<std::byte, 4 * hn::MaxLanes(Floats())> copy = {};
  alignas(64) std::array<float, hn::MaxLanes(Floats())> values;
  std::memcpy(copy.data(), in, samples * static_cast<std::size_t>(convert.bytes()));
  hn::Store(convert(copy.data()), floats, values.data());
  std::memcpy(out, values.data(), samples * sizeof(float));
}

template <class Convert>
void convert_flat(Convert& convert, const std::byte* in, std::size_t samples, float* out) {
  const Floats floats;
  const std::size_t lanes = hn::Lanes(floats);
  const std::size_t step = lanes * static_cast<std::size_t>(convert.bytes());
  std::size_t n = 0;
  for (; n + lanes <= samples; n += lanes, in += step) hn::StoreU(convert(in), floats, out + n);
  if (n < samples) convert_tail(convert, in, samples - n, out + n);
}

template <class Convert>
void convert_stereo(Convert& convert, const std::byte* in, BlockView out) {
  const Floats floats;
  const auto lanes = static_cast<Frames>(hn::Lanes(floats));
  const std::size_t step = hn::Lanes(floats) * static_cast<std::size_t>(convert.bytes());
  float* left = out.channel(0);
  float* right = out.channel(1);
  Frames n = 0;
  for (; n + lanes <= out.frames; n += lanes, in += 2 * step) {
    const auto low = convert(in);
    const auto high = convert(in + step);
    hn::StoreU(hn::ConcatEven(floats, high, low), floats, left + n);
    hn::StoreU(hn::ConcatOdd(floats, high, low), floats, right + n);
  }
  for (; n < out.frames; ++n, in += 2 * convert.bytes()) {
    std::array<float, 2> pair;
    convert_tail(convert, in, 2, pair.data());
    left[n] = pair[0];
    right[n] = pair[1];
  }
}

/// Channels c and c + 1 of interleaved floats: a frame's pair is one 64-bit load, four frames are
/// two vectors that split into even and odd lanes.
void spread_pair(const float* in, int channels, Frames frames, float* first, float* second) {
  const hn::Full128<float> four;
  const hn::Half<decltype(four)> two;
  Frames n = 0;
  for (; n + 4 <= frames; n += 4, in += 4 * channels) {
    const auto low = hn::Combine(four, hn::LoadU(two, in + channels), hn::LoadU(two, in));
    const auto high =
        hn::Combine(four, hn::LoadU(two, in + 3 * channels), hn::LoadU(two, in + 2 * channels));
    hn::StoreU(hn::ConcatEven(four, high, low), four, first + n);
    hn::StoreU(hn::ConcatOdd(four, high, low), four, second + n);
  }
  for (; n < frames; ++n, in += channels) {
    first[n] = in[0];
    second[n] = in[1];
  }
}

/// Interleaved floats that lie in the first-level cache → planar.
void spread(const float* in, BlockView out) {
  int c = 0;
  for (; c + 2 <= out.channels; c += 2) {
    spread_pair(in + c, out.channels, out.frames, out.channel(c), out.channel(c + 1));
  }
  if (c == out.channels) return;
  float* to = out.channel(c);
  const float* from = in + c;
  for (Frames n = 0; n < out.frames; ++n, from += out.channels) to[n] = *from;
}

template <class Convert>
void convert_planar(Convert& convert, const std::byte* in, BlockView out) {
  if (out.channels == 1)
    return convert_flat(convert, in, static_cast<std::size_t>(out.frames), out.data);
  if (out.channels == 2) return convert_stereo(convert, in, out);
  constexpr Frames kScratch = 4096;  // 16 KiB: half of a first-level cache
  alignas(64) std::array<float, kScratch> scratch;
  const Frames tile = kScratch / out.channels;
  for (Frames n = 0; n < out.frames; n += tile) {
    const Frames count = std::min(tile, out.frames - n);
    const auto samples = static_cast<std::size_t>(count * out.channels);
    convert_flat(convert, in, samples, scratch.data());
    in += samples * static_cast<std::size_t>(convert.bytes());
    spread(scratch.data(), out.slice(n, count));
  }
}

bool unpack_words(const StoredFormat& format, const std::byte* in, BlockView out) {
  switch (format.kind) {
    case SampleKind::signed_integer: {
      Converter<SampleKind::signed_integer> convert(format);
      convert_planar(convert, in, out);
      return false;
    }
    case SampleKind::unsigned_integer: {
      Converter<SampleKind::unsigned_integer> convert(format);
      convert_planar(convert, in, out);
      return false;
    }
    case SampleKind::floating: {
      Converter<SampleKind::floating> convert(format);
      convert_planar(convert, in, out);
      return convert.non_finite();
    }
  }
  return false;
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace tutti::io
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tutti::io {
namespace {

HWY_EXPORT(unpack_words);

/// One channel of doubles, `step` bytes apart; whether all are finite as floats.
template <bool kSwap>
bool convert_doubles(const std::byte* in, std::ptrdiff_t step, Frames frames, float* out) {
  std::uint32_t largest = 0;
  for (Frames n = 0; n < frames; ++n, in += step) {
    std::uint64_t bits;
    std::memcpy(&bits, in, sizeof bits);
    if (kSwap) bits = __builtin_bswap64(bits);
    out[n] = static_cast<float>(std::bit_cast<double>(bits));
    largest = std::max(largest, std::bit_cast<std::uint32_t>(out[n]) & 0x7fffffffu);
  }
  return largest < 0x7f800000u;
}

bool unpack_doubles(const StoredFormat& format, const std::byte* in, BlockView out) {
  constexpr Frames kTile = 256;  // so that all channels of a tile are read from the cache
  const std::ptrdiff_t step = 8 * out.channels;
  bool finite = true;
  for (Frames n = 0; n < out.frames; n += kTile, in += kTile * step) {
    const Frames count = std::min(kTile, out.frames - n);
    for (int c = 0; c < out.channels; ++c) {
      const auto convert = format.big_endian ? convert_doubles<true> : convert_doubles<false>;
      finite &= convert(in + 8 * c, step, count, out.channel(c) + n);
    }
  }
  return !finite;
}

}  // namespace

bool unpack(const StoredFormat& format, const std::byte* in, BlockView out) {
  if (format.bytes == 8) return unpack_doubles(format, in, out);
  return HWY_DYNAMIC_DISPATCH(unpack_words)(format, in, out);
}

}  // namespace tutti::io
#endif  // HWY_ONCE
