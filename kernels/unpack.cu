// SPDX-License-Identifier: Apache-2.0
#include "kernels/unpack.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <stdexcept>

#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

constexpr int kBlock = 256;
// What one description of a part serves, and loads in flight: 16 words a thread.
constexpr int kFramesPerThread = 8;
constexpr int kChunkFrames = kBlock * kFramesPerThread;

/// The value of the sample that begins at byte `offset`, from the aligned words with its first and
/// its last byte.
__device__ __forceinline__ float sample_of(const UnpackPart& part, unsigned offset, unsigned low,
                                           unsigned high) {
  unsigned value = __funnelshift_r(low, high, 8 * (offset % 4));
  const unsigned shift = 8 * (4 - static_cast<unsigned>(part.sample_bytes));
  // To the top of the word, highest byte first.
  value = part.big_endian ? __byte_perm(value, 0, 0x0123) >> shift << shift : value << shift;
  if (part.kind == SampleKind::floating) return __uint_as_float(value);
  if (part.kind == SampleKind::unsigned_integer) value ^= 0x80000000U;
  return __int2float_rn(static_cast<int>(value)) * 0x1p-31F;
}

/// Writes each of the thread's gains over a part that moves, in a loop that stays rolled: sines and
/// powers are long.
__device__ __forceinline__ void fill_gains(const UnpackPart& part, int begin, double* gains) {
#pragma unroll 1
  for (int k = 0; k < kFramesPerThread; ++k) {
    const int frame = begin + k * kBlock - part.at;
    if (static_cast<unsigned>(frame) < static_cast<unsigned>(part.frames))
      gains[k * kBlock] = part.envelope.at(part.clip_frame + frame);
  }
}

/// Adds what channel c hears of a part to the sums of the frames begin, begin + 256, … of the
/// strip.
__device__ __forceinline__ void add_part(const UnpackPart& part, int c, int begin, double* gains,
                                         float (&sums)[kFramesPerThread]) {
  const auto* words = reinterpret_cast<const unsigned*>(part.data);
  const auto bytes = static_cast<unsigned>(part.sample_bytes);
  const auto step = static_cast<unsigned>(part.frame_bytes);
  const auto frames = static_cast<unsigned>(part.frames);
  const auto channel = static_cast<unsigned>(part.channels == 1 ? 0 : c * part.channel_bytes);
  const auto first = static_cast<unsigned>(begin - part.at);
  const bool plain = part.envelope.plain();
  if (!plain) fill_gains(part, begin, gains);
  // By aligned words a warp reads neighbouring samples of any width in one or two transactions; all
  // of the thread's loads go out together, those outside the part to its last sample.
  unsigned low[kFramesPerThread], high[kFramesPerThread];
#pragma unroll
  for (int k = 0; k < kFramesPerThread; ++k) {
    const unsigned offset = min(first + k * kBlock, frames - 1) * step + channel;
    low[k] = words[offset / 4];
    high[k] = words[(offset + bytes - 1) / 4];
  }
#pragma unroll
  for (int k = 0; k < kFramesPerThread; ++k) {
    const unsigned frame = first + k * kBlock;
    if (frame >= frames) continue;
    float x = sample_of(part, frame * step + channel, low[k], high[k]);
    if (!plain) x = static_cast<float>(x * gains[k * kBlock]);
    sums[k] += x;
  }
}

// A block is 2,048 frames of one strip, a thread 8 of them, 256 apart. Traffic: the stored sample
// in, 4 bytes out (7 bytes a sample at 24 bits), about 15 integer operations; no state.
__global__ void __launch_bounds__(kBlock, 3)
    unpack_kernel(const UnpackList::Strip* __restrict__ strips, int strip_count,
                  const int* __restrict__ chunk_entries, const int* __restrict__ entries,
                  const UnpackPart* __restrict__ parts) {
  __shared__ double gains[kChunkFrames];  // every thread uses its own, so there is no barrier
  for (int s = static_cast<int>(blockIdx.y); s < strip_count; s += static_cast<int>(gridDim.y)) {
    const UnpackList::Strip strip = strips[s];
    const int begin = static_cast<int>(blockIdx.x * kChunkFrames + threadIdx.x);
    const int frames = static_cast<int>(strip.out.frames);
    if (begin >= frames) continue;
    const int* lists = chunk_entries + strip.first_chunk + blockIdx.x;
    const int first = lists[0], end = lists[1];
    for (int c = 0; c < strip.out.channels; ++c) {
      float sums[kFramesPerThread];
#pragma unroll
      for (float& sum : sums) sum = strip.start;
      for (int e = first; e < end; ++e)
        add_part(parts[entries[e]], c, begin, gains + threadIdx.x, sums);
      float* out = strip.out.channel(c);
#pragma unroll
      for (int k = 0; k < kFramesPerThread; ++k) {
        if (begin + k * kBlock < frames) out[begin + k * kBlock] = sums[k];
      }
    }
  }
}

int chunks_of(Frames frames) {
  return static_cast<int>((frames + kChunkFrames - 1) / kChunkFrames);
}

/// For every chunk of every strip which parts it hears, in order: entries[lists[i] … lists[i + 1]).
struct ChunkLists {
  std::vector<int> lists{0};
  std::vector<int> entries;

  /// `parts` are those of one strip; `base` is the first one's index.
  void add_strip(std::span<const UnpackPart> parts, int base, int chunks) {
    const std::size_t before = lists.size() - 1;
    lists.resize(lists.size() + static_cast<std::size_t>(chunks), 0);
    const auto each = [&](auto&& visit) {
      for (std::size_t p = 0; p < parts.size(); ++p)
        for (int chunk = parts[p].at / kChunkFrames;
             chunk <= (parts[p].at + parts[p].frames - 1) / kChunkFrames; ++chunk)
          visit(before + static_cast<std::size_t>(chunk), base + static_cast<int>(p));
    };
    each([&](std::size_t chunk, int) { ++lists[chunk + 1]; });
    // Counts become ends; lists[before], where the strip before ends, is where this one starts.
    for (std::size_t i = before + 1; i < lists.size(); ++i) lists[i] += lists[i - 1];
    entries.resize(static_cast<std::size_t>(lists.back()));
    std::vector<int> next(lists.begin() + static_cast<std::ptrdiff_t>(before), lists.end());
    each([&](std::size_t chunk, int part) {
      entries[static_cast<std::size_t>(next[chunk - before]++)] = part;
    });
  }
};

}  // namespace

UnpackPart unpack_part(const StemPiece& piece, const std::byte* data) {
  if (piece.format.bytes < 1 || piece.format.bytes > 4)
    throw std::logic_error("unpack: samples of more than 4 bytes");
  UnpackPart part;
  part.data = data;
  part.at = static_cast<std::int32_t>(piece.at);
  part.frames = static_cast<std::int32_t>(piece.frames);
  part.channels = piece.channels;
  const int bytes = piece.format.bytes;
  part.frame_bytes = piece.planar ? bytes : bytes * piece.channels;
  part.channel_bytes = piece.planar ? bytes * part.frames : bytes;
  part.sample_bytes = static_cast<std::int8_t>(bytes);
  part.big_endian = piece.format.big_endian;
  part.kind = piece.format.kind;
  part.clip_frame = piece.clip_frame;
  part.envelope = piece.envelope();
  return part;
}

void UnpackList::add_strip(DeviceBlock out, UnpackStart start) {
  if (out.frames > std::numeric_limits<std::int32_t>::max() - kChunkFrames)
    throw std::logic_error("unpack: too many frames at once");
  strips_.push_back({out, start == UnpackStart::silence ? 0.0F : -0.0F, 0});
  first_parts_.push_back(parts_.size());
}

void UnpackList::add_part(const UnpackPart& part) {
  if (part.channels != 1 && part.channels < strips_.back().out.channels)
    throw std::logic_error("unpack: a file of too few channels");
  if (part.frames > 0) parts_.push_back(part);
}

void UnpackList::queue(Device& device) const {
  std::vector<Strip> strips = strips_;
  ChunkLists chunks;
  int widest = 0;
  for (std::size_t s = 0; s < strips.size(); ++s) {
    const std::size_t first = first_parts_[s];
    const std::size_t end = s + 1 < strips.size() ? first_parts_[s + 1] : parts_.size();
    strips[s].first_chunk = static_cast<std::int32_t>(chunks.lists.size() - 1);
    const int count = chunks_of(strips[s].out.frames);
    chunks.add_strip(std::span(parts_).subspan(first, end - first), static_cast<int>(first), count);
    widest = std::max(widest, count);
  }
  if (widest == 0) return;
  const auto sent_strips = device.send(std::span<const Strip>(strips));
  const auto lists = device.send(std::span<const int>(chunks.lists));
  const auto entries = device.send(std::span<const int>(chunks.entries));
  const auto parts = device.send(std::span<const UnpackPart>(parts_));
  const auto rows = static_cast<unsigned>(std::min<std::size_t>(strips.size(), 65535));
  launch(unpack_kernel, dim3(static_cast<unsigned>(widest), rows), kBlock, 0, device.compute(),
         sent_strips.data(), static_cast<int>(strips.size()), lists.data(), entries.data(),
         parts.data());
}

}  // namespace tutti::cuda
