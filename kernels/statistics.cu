// SPDX-License-Identifier: Apache-2.0
#include "kernels/statistics.hpp"

#include <bit>
#include <vector>

#include "kernels/block_sum.cuh"
#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

constexpr int kBlock = 256;
constexpr int kWarps = kBlock / 32;
constexpr int kFramesPerThread = kMeterSpanFrames / kBlock;

// One block a span of one channel, neighbours in time are neighbours in the block; the last row of
// the grid is the product of two channels. 4 bytes and 5 operations a sample.
// out: [span][sum], in the order of StatisticsMeter::sums_.
__global__ void __launch_bounds__(kBlock)
    span_kernel(const float* __restrict__ samples, Frames mask, int channels, Frames first_frame,
                int sums, double* __restrict__ out, unsigned* __restrict__ sample_peak,
                unsigned long long* __restrict__ clipped) {
  __shared__ double shared[2][kWarps];
  const int channel = static_cast<int>(blockIdx.y);
  const bool product = channel == channels;
  const float* a = samples + (product ? 0 : channel) * (mask + 1);
  const float* b = samples + (product ? 1 : channel) * (mask + 1);
  const Frames first = first_frame + static_cast<Frames>(blockIdx.x) * kMeterSpanFrames;
  double sum = 0, squares = 0;
  float highest = 0;
  int full = 0;
  for (int i = 0; i < kFramesPerThread; ++i) {
    const Frames n = (first + i * kBlock + static_cast<Frames>(threadIdx.x)) & mask;
    const float x = a[n];
    sum += x;
    squares = fma(static_cast<double>(x), static_cast<double>(b[n]), squares);
    highest = fmaxf(highest, fabsf(x));
    full += fabsf(x) >= kFullScale;
  }
  const unsigned warp_highest = __reduce_max_sync(0xffffffffU, __float_as_uint(highest));
  const int warp_full = __reduce_add_sync(0xffffffffU, full);
  if (threadIdx.x % 32 == 0 && !product) {
    atomicMax(sample_peak, warp_highest);
    if (warp_full > 0) atomicAdd(clipped, static_cast<unsigned long long>(warp_full));
  }
  const double all = block_sum<kWarps>(sum, shared[0]);
  const double all_squares = block_sum<kWarps>(squares, shared[1]);
  if (threadIdx.x != 0) return;
  double* row = out + static_cast<Frames>(blockIdx.x) * sums;
  if (!product) row[2 * channel] = all;
  row[product ? 2 * channels : 2 * channel + 1] = all_squares;
}

// One thread a sum: spans are added one after the other, whatever block of the stream they came in.
__global__ void add_kernel(const double* __restrict__ spans, int span_count, int sums,
                           double* __restrict__ totals) {
  const int sum = static_cast<int>(threadIdx.x);
  if (sum >= sums) return;
  double total = totals[sum];
  for (int i = 0; i < span_count; ++i) total += spans[i * sums + sum];
  totals[sum] = total;
}

}  // namespace

StatisticsMeter::StatisticsMeter(Device& device, int channels)
    : device_(device),
      channels_(channels),
      sums_(2 * channels + (channels == 2 ? 1 : 0)),
      totals_(device.compute(), static_cast<std::size_t>(sums_)),
      sample_peak_(device.compute(), 1),
      clipped_(device.compute(), 1) {
  clear(device.compute(), totals_.span());
  clear(device.compute(), sample_peak_.span());
  clear(device.compute(), clipped_.span());
}

void StatisticsMeter::add(const MeterSpans& spans) {
  const DeviceBuffer<double> parts(device_.compute(),
                                   static_cast<std::size_t>(spans.spans * sums_));
  const auto rows = static_cast<unsigned>(channels_ + (channels_ == 2 ? 1 : 0));
  launch(span_kernel, dim3(static_cast<unsigned>(spans.spans), rows), kBlock, 0, device_.compute(),
         spans.samples, spans.mask, channels_, spans.first_frame, sums_, parts.data(),
         sample_peak_.data(), clipped_.data());
  launch(add_kernel, 1, static_cast<unsigned>((sums_ + 31) / 32 * 32), 0, device_.compute(),
         parts.data(), spans.spans, sums_, totals_.data());
}

void StatisticsMeter::read(MeterReadings& readings) const {
  std::vector<double> totals(static_cast<std::size_t>(sums_));
  unsigned sample_peak = 0;
  unsigned long long clipped = 0;
  device_.fetch(DeviceSpan<const double>(totals_.span()), std::span<double>(totals));
  device_.fetch(DeviceSpan<const unsigned>(sample_peak_.span()), std::span(&sample_peak, 1));
  device_.fetch(DeviceSpan<const unsigned long long>(clipped_.span()), std::span(&clipped, 1));
  for (std::size_t c = 0; c < readings.sums.size(); ++c)
    readings.sums[c] = {totals[2 * c], totals[2 * c + 1]};
  if (channels_ == 2) readings.product = totals[4];
  readings.sample_peak = std::bit_cast<float>(sample_peak);
  readings.clipped_samples = static_cast<std::int64_t>(clipped);
}

}  // namespace tutti::cuda
