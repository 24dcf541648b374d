// SPDX-License-Identifier: Apache-2.0
#include "kernels/limiter.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/runtime/launch.hpp"
#include "kernels/true_peak_window.cuh"

namespace tutti::cuda {
namespace {

constexpr int kBlock = kPeakPositions;

/// What the channels of a limiter ask for, and how they are linked.
struct NeededLaw {
  float threshold;
  double target, link, scale;
};

// Reductions that the frames of a span need: frame n scales the intervals n − 1 and n, and the
// interpolator lags kTruePeakReach behind the input. One thread a position, all channels in turn;
// 4 bytes and 30 operations a sample, 1,024 multiply-adds more where a bound is above the ceiling.
__global__ void __launch_bounds__(kBlock)
    needed_kernel(const float* __restrict__ lines, Frames mask, int channels, Frames first,
                  Frames frames, const TruePeakTable* __restrict__ table, NeededLaw law,
                  std::int32_t* __restrict__ needed, Frames needed_mask) {
  __shared__ PeakWindow window;
  float* blended = dyn_smem<float>();  // [channel][thread], only where the link blends
  const int thread = static_cast<int>(threadIdx.x);
  const Frames block = static_cast<Frames>(blockIdx.x) * kBlock;
  const Frames left = frames - block, n = first + block + thread;
  const bool blends = law.link > 0 && law.link < 1;
  float highest = 0;
  for (int c = 0; c < channels; ++c) {
    load_window(window, lines + c * (mask + 1), mask, first + block - kTruePeakReach,
                first + frames);
    interpolate_above(window, table, static_cast<int>(left < kBlock ? left : kBlock),
                      law.threshold);
    const float found = __uint_as_float(window.found[thread]);
    const float peak = found > law.threshold ? found : 0.0F;
    highest = fmaxf(highest, peak);
    if (blends) blended[c * kBlock + thread] = peak;
    if (law.link <= 0 && thread < left)
      needed[c * (needed_mask + 1) + (n & needed_mask)] =
          needed_reduction(peak, law.target, law.scale);
  }
  if (law.link >= 1 && thread < left)
    needed[n & needed_mask] = needed_reduction(highest, law.target, law.scale);
  for (int c = 0; blends && thread < left && c < channels; ++c) {
    const float peak =
        highest > 0 ? linked_peak(blended[c * kBlock + thread], highest, law.target, law.link)
                    : 0.0F;
    needed[c * (needed_mask + 1) + (n & needed_mask)] =
        needed_reduction(peak, law.target, law.scale);
  }
}

/// The three boxes of a stage and what makes a gain of their sum.
struct Boxes {
  Frames length[3];
  double unit, resolution;
};

/// Triple sums as LimiterSmoother keeps them, of one stream.
struct SumRows {
  const std::uint64_t* sums;
  Frames mask;
  const std::uint64_t* starts;
  Frames starts_mask;
};

__device__ std::uint64_t triple_sum(const SumRows& rows, Frames n) {
  static_assert(kLimiterChunk == 256);
  const Frames chunk = (n >> 8) & rows.starts_mask, size = rows.starts_mask + 1;
  const TripleSum start{rows.starts[chunk], rows.starts[size + chunk],
                        rows.starts[2 * size + chunk]};
  const auto inside = static_cast<std::uint64_t>((n & (kLimiterChunk - 1)) + 1);
  return rows.sums[n & rows.mask] + after_zeros(start, inside).thrice;
}

// Sum of the last box at frame n: each box is a difference of prefix sums over its length.
__device__ double gain_at(const SumRows& rows, const Boxes& boxes, Frames n) {
  std::uint64_t sum = 0;
#pragma unroll
  for (int corner = 0; corner < 8; ++corner) {
    Frames back = 0;
    bool minus = false;
#pragma unroll
    for (int b = 0; b < 3; ++b) {
      if (!(corner >> b & 1)) continue;
      back += boxes.length[b];
      minus = !minus;
    }
    const std::uint64_t value = triple_sum(rows, n - back);
    sum = minus ? sum - value : sum + value;
  }
  return reduced_gain(static_cast<std::int64_t>(sum), boxes.unit, boxes.resolution);
}

// The smooth gain applied to the delayed lines. One thread a frame, all lines in turn; 16 bytes a
// sample and 64 from the cache for each gain, 60 operations.
__global__ void __launch_bounds__(kBlock)
    apply_kernel(const float* __restrict__ lines, Frames lines_mask, int channels, Frames first,
                 Frames frames, Frames delay, const std::uint64_t* __restrict__ sums,
                 Frames sums_mask, const std::uint64_t* __restrict__ starts, Frames starts_mask,
                 int streams, Boxes boxes, bool reduced_before, float* __restrict__ out,
                 Frames out_mask, Frames out_first, Frames out_stride,
                 unsigned* __restrict__ least_gain) {
  const Frames i = static_cast<Frames>(blockIdx.x) * kBlock + threadIdx.x;
  const Frames n = first + i, from = n - delay;
  float total = 1;
  if (i < frames) {
    const Frames to = (out_first + i) & out_mask;
    double gain = 1, least = 1;
    for (int c = 0; c < channels; ++c) {
      if (c < streams) {
        const SumRows rows{sums + c * (sums_mask + 1), sums_mask,
                           starts + 3 * c * (starts_mask + 1), starts_mask};
        gain = gain_at(rows, boxes, n);
        least = fmin(least, gain);
      }
      const float x = lines[c * (lines_mask + 1) + (from & lines_mask)];
      out[c * out_stride + to] = static_cast<float>(x * gain);
    }
    // Nothing is reduced before frame 0.
    const float before = reduced_before && from >= 0
                             ? lines[channels * (lines_mask + 1) + (from & lines_mask)]
                             : 1.0F;
    total = static_cast<float>(before * least);
    if (!least_gain) out[channels * out_stride + to] = total;
  }
  if (least_gain) {
    const unsigned least = __reduce_min_sync(0xffffffffU, __float_as_uint(total));
    if (threadIdx.x % 32 == 0 && least < __float_as_uint(1.0F)) atomicMin(least_gain, least);
  }
}

Frames memory_of(const LimiterStageDesign& design) {
  // What the filters of the first position of a span reach back to.
  return std::max<Frames>(design.latency_frames(), kTruePeakTaps - 1);
}

}  // namespace

LimiterStage::LimiterStage(Device& device, const LimiterDesign& design, int stage, int channels)
    : device_(device),
      design_(design.stages[static_cast<std::size_t>(stage)]),
      threshold_(limiter_threshold(design)),
      target_(limiter_target(design)),
      link_(design.link),
      channels_(channels),
      streams_(design.link >= 1 ? 1 : channels),
      reduced_before_(stage > 0),
      lines_(channels + (reduced_before_ ? 1 : 0), memory_of(design_)),
      smoother_(device, design_, streams_) {}

void LimiterStage::make_room(const LimiterSpan& span) {
  lines_.make_room(device_.compute(), span.first, span.frames);
  smoother_.make_room(span);
}

void LimiterStage::run(const LimiterSpan& span, const TruePeakTable* table, LimiterOutput out,
                       unsigned* least_gain) {
  find_needed(span, table);
  smoother_.run(span);
  apply(span, out, least_gain);
}

void LimiterStage::find_needed(const LimiterSpan& span, const TruePeakTable* table) {
  const NeededLaw law{threshold_, target_, link_, std::ldexp(1.0, design_.fraction_bits)};
  const bool blends = link_ > 0 && link_ < 1;
  const std::size_t shared_bytes =
      blends ? static_cast<std::size_t>(channels_) * kBlock * sizeof(float) : 0;
  launch(needed_kernel, blocks_for(span.frames, kBlock), kBlock, shared_bytes, device_.compute(),
         lines_.data(), lines_.mask(), channels_, span.first, span.frames, table, law,
         smoother_.needed().data(), smoother_.needed().mask());
}

void LimiterStage::apply(const LimiterSpan& span, LimiterOutput out, unsigned* least_gain) {
  const double resolution = std::ldexp(1.0, -design_.fraction_bits);
  Boxes boxes{{design_.box_frames[0], design_.box_frames[1], design_.box_frames[2]},
              resolution,
              resolution};
  for (const Frames length : boxes.length) boxes.unit /= static_cast<double>(length);
  launch(apply_kernel, blocks_for(span.frames, kBlock), kBlock, 0, device_.compute(), lines_.data(),
         lines_.mask(), channels_, span.first, span.frames, design_.latency_frames(),
         smoother_.sums().data(), smoother_.sums().mask(), smoother_.chunk_starts().data(),
         smoother_.chunk_starts().mask(), streams_, boxes, reduced_before_, out.data, out.mask,
         out.first, out.stride, least_gain);
}

}  // namespace tutti::cuda
