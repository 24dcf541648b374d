// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/pack.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace tutti {
namespace {

// Frames that are handled at a time: the scratch stays in the second-level cache.
constexpr Frames kPieceFrames = 2048;

std::int64_t round_to_32_bits(const float* in, Frames frames, std::int32_t* out) {
  constexpr double kLargest = 2147483647.0;
  std::int64_t clipped = 0;
  for (Frames n = 0; n < frames; ++n) {
    const double rounded = std::nearbyint(static_cast<double>(in[n]) * 2147483648.0);
    const double kept = std::min(std::max(rounded, -kLargest - 1), kLargest);
    clipped += kept != rounded;
    out[n] = static_cast<std::int32_t>(kept);
  }
  return clipped;
}

/// Calls store(value, at) for every sample in file order.
template <int kBytes, typename View, typename Store>
void interleave(View in, std::byte* out, Store store) {
  const std::ptrdiff_t step = static_cast<std::ptrdiff_t>(kBytes) * in.channels;
  if (in.channels == 2) {  // the common case, in file order
    const auto* left = in.channel(0);
    const auto* right = in.channel(1);
    for (Frames n = 0; n < in.frames; ++n, out += 2 * kBytes) {
      store(left[n], out);
      store(right[n], out + kBytes);
    }
    return;
  }
  for (Frames n = 0; n < in.frames; ++n, out += step) {
    for (int c = 0; c < in.channels; ++c) store(in.channel(c)[n], out + c * kBytes);
  }
}

template <typename T>
void store_word(T word, std::byte* at) {
  std::memcpy(at, &word, sizeof word);
}

}  // namespace

Packer::Packer(const PackDesign& design, int channels)
    : design_(design), numbers_(static_cast<std::size_t>(kPieceFrames * channels)) {
  if (design.format.kind == SampleKind::floating || design.bits == 32) return;
  for (int c = 0; c < channels; ++c) {
    quantisers_.emplace_back(design.dither, design.bits, design.sample_rate_hz, design.seed, c);
  }
}

Packed Packer::process(ConstBlockView in) {
  const Frames frame_bytes = static_cast<Frames>(design_.format.bytes) * in.channels;
  const auto bytes = static_cast<std::size_t>(frame_bytes * in.frames);
  if (bytes_.size() < bytes + 4) bytes_.resize(bytes + 4);
  Packed packed{std::span(bytes_).first(bytes), in.frames, 0};
  for (Frames n = 0; n < in.frames; n += kPieceFrames) {
    const ConstBlockView piece = in.slice(n, std::min(kPieceFrames, in.frames - n));
    packed.clipped_samples += process_piece(piece, bytes_.data() + n * frame_bytes);
  }
  return packed;
}

std::int64_t Packer::process_piece(ConstBlockView in, std::byte* out) {
  if (design_.format.kind == SampleKind::floating) {
    pack_floats(design_.format, in, out);
    return 0;
  }
  std::int64_t clipped = 0;
  const BasicBlockView<std::int32_t> numbers{numbers_.data(), in.channels, in.frames, kPieceFrames};
  const auto count = static_cast<std::size_t>(in.frames);
  const auto channel = [&](int c) { return Quantiser::Channel{in.channel(c), numbers.channel(c)}; };
  for (int c = 0; c < in.channels; c += 2) {
    if (quantisers_.empty()) {
      for (int i = c; i < std::min(c + 2, in.channels); ++i)
        clipped += round_to_32_bits(in.channel(i), in.frames, numbers.channel(i));
      continue;
    }
    Quantiser& quantiser = quantisers_[static_cast<std::size_t>(c)];
    if (c + 1 < in.channels) {
      clipped += quantiser.process_two(quantisers_[static_cast<std::size_t>(c) + 1], position_, count,
                                       channel(c), channel(c + 1));
    } else {
      clipped += quantiser.process(position_, {in.channel(c), count}, {numbers.channel(c), count});
    }
  }
  position_ += in.frames;
  pack_integers(design_.format, numbers, out);
  return clipped;
}

// Three-byte samples are stored as four bytes, the last overwritten by the next sample: one store
// instead of three. That is why `out` has room for four bytes more.
void pack_integers(const StoredFormat& format, BasicBlockView<const std::int32_t> in,
                   std::byte* out) {
  static_assert(std::endian::native == std::endian::little);
  const bool swap = format.big_endian;
  const std::uint8_t flip = format.kind == SampleKind::unsigned_integer ? 0x80 : 0;
  switch (format.bytes) {
    case 1:
      interleave<1>(in, out, [=](std::int32_t value, std::byte* at) {
        *at = static_cast<std::byte>(static_cast<std::uint8_t>(value) ^ flip);
      });
      break;
    case 2:
      interleave<2>(in, out, [=](std::int32_t value, std::byte* at) {
        const auto word = static_cast<std::uint16_t>(value);
        store_word(swap ? __builtin_bswap16(word) : word, at);
      });
      break;
    case 3:
      interleave<3>(in, out, [=](std::int32_t value, std::byte* at) {
        const auto word = static_cast<std::uint32_t>(value);
        store_word(swap ? __builtin_bswap32(word << 8) : word, at);
      });
      break;
    default:
      interleave<4>(in, out, [=](std::int32_t value, std::byte* at) {
        const auto word = static_cast<std::uint32_t>(value);
        store_word(swap ? __builtin_bswap32(word) : word, at);
      });
      break;
  }
}

void pack_floats(const StoredFormat& format, ConstBlockView in, std::byte* out) {
  const bool swap = format.big_endian;
  if (format.bytes == 4) {
    interleave<4>(in, out, [=](float value, std::byte* at) {
      const auto word = std::bit_cast<std::uint32_t>(value);
      store_word(swap ? __builtin_bswap32(word) : word, at);
    });
  } else {
    interleave<8>(in, out, [=](float value, std::byte* at) {
      const auto word = std::bit_cast<std::uint64_t>(static_cast<double>(value));
      store_word(swap ? __builtin_bswap64(word) : word, at);
    });
  }
}

}  // namespace tutti
