// SPDX-License-Identifier: Apache-2.0
#include "kernels/true_peak.hpp"

#include <bit>
#include <cstring>
#include <memory>

#include "host/dsp/loudness.hpp"
#include "host/dsp/measurement.hpp"
#include "kernels/runtime/launch.hpp"
#include "kernels/true_peak_window.cuh"

namespace tutti::cuda {
namespace {

/// The (at most two) peak bins that a block of positions lies in.
struct PeakBins {
  std::int64_t first;
  Frames border;  ///< first position of the second
};

// Positions before frame 0, where the interpolator begins to ring, belong to the first bin.
__device__ PeakBins bins_of(Frames position, double sample_rate_hz) {
  const Frames frame = position > 0 ? position : 0;
  const std::int64_t bin = bin_at(frame, sample_rate_hz) / kMeterPeakBins;
  return {bin, bin_start((bin + 1) * kMeterPeakBins, sample_rate_hz)};
}

// The larger of peaks[bin] and the values of all threads whose position lies in it.
__device__ void raise(unsigned* peaks, std::int64_t bin, unsigned value) {
  const unsigned highest = __reduce_max_sync(0xffffffffU, value);
  if (threadIdx.x % 32 == 0 && highest > 0) atomicMax(&peaks[bin], highest);
}

// Samples are phase 0, and raise the level for nothing. One thread a position: 4 bytes.
__global__ void __launch_bounds__(kPeakPositions)
    sample_kernel(const float* __restrict__ samples, Frames mask, Frames first, Frames positions,
                  double sample_rate_hz, unsigned* __restrict__ peaks) {
  __shared__ PeakBins bins;
  const Frames block = static_cast<Frames>(blockIdx.x) * kPeakPositions;
  if (threadIdx.x == 0) bins = bins_of(first + block, sample_rate_hz);
  __syncthreads();
  const Frames i = block + threadIdx.x;
  const float* row = samples + blockIdx.y * (mask + 1);
  const unsigned value = i < positions ? __float_as_uint(fabsf(row[(first + i) & mask])) : 0U;
  const bool early = first + i < bins.border;
  raise(peaks, bins.first, early ? value : 0U);
  raise(peaks, bins.first + 1, early ? 0U : value);
}

// One thread a position: 4 bytes and 30 operations, 1,024 multiply-adds more where the bound beats
// what the bin has heard so far.
__global__ void __launch_bounds__(kPeakPositions)
    peak_kernel(const float* __restrict__ samples, Frames mask, Frames first, Frames positions,
                double sample_rate_hz, const TruePeakTable* __restrict__ table,
                unsigned* __restrict__ peaks) {
  __shared__ PeakWindow window;
  __shared__ PeakBins bins;
  __shared__ float levels[2];
  const Frames block = static_cast<Frames>(blockIdx.x) * kPeakPositions;
  if (threadIdx.x == 0) {
    bins = bins_of(first + block, sample_rate_hz);
    // Other blocks raise them meanwhile: any value that was reached will do.
    levels[0] = __uint_as_float(atomicMax(&peaks[bins.first], 0U));
    levels[1] = __uint_as_float(atomicMax(&peaks[bins.first + 1], 0U));
  }
  load_window(window, samples + blockIdx.y * (mask + 1), mask, first + block,
              first + positions + kTruePeakReach);
  const Frames i = block + threadIdx.x;
  const bool early = first + i < bins.border;
  const Frames left = positions - block;
  interpolate_above(window, table, static_cast<int>(left < kPeakPositions ? left : kPeakPositions),
                    levels[early ? 0 : 1]);
  const unsigned value = window.found[threadIdx.x];
  raise(peaks, bins.first, early ? value : 0U);
  raise(peaks, bins.first + 1, early ? 0U : value);
}

}  // namespace

DeviceBuffer<TruePeakTable> send_true_peak_table(cudaStream_t stream) {
  const TruePeakDesign& design = true_peak_design();
  auto table = std::make_unique<TruePeakTable>();
  static_assert(sizeof(table->taps) == sizeof(design.taps));
  std::memcpy(table->taps, design.taps.data(), sizeof(table->taps));
  std::memcpy(table->pair, design.pair.data(), sizeof(table->pair));
  table->bend = design.bend;
  table->tilt = design.tilt;
  table->overlap = design.overlap;
  table->far = design.far;
  table->sum = design.sum;
  return device_copy(stream, std::span<const TruePeakTable>(table.get(), 1));
}

TruePeakMeter::TruePeakMeter(Device& device, double sample_rate_hz)
    : device_(device),
      sample_rate_hz_(sample_rate_hz),
      table_(send_true_peak_table(device.compute())) {}

void TruePeakMeter::add(const MeterSpans& spans) {
  const Frames first = spans.first_frame - kTruePeakReach;
  const Frames positions = spans.frames();
  const std::int64_t last_bin = bin_at(first + positions - 1, sample_rate_hz_) / kMeterPeakBins;
  // Blocks look at the bin after their first, too.
  peaks_.grow(device_.compute(), static_cast<std::size_t>(last_bin) + 2);
  const dim3 grid(blocks_for(positions, kPeakPositions), static_cast<unsigned>(spans.channels));
  launch(sample_kernel, grid, kPeakPositions, 0, device_.compute(), spans.samples, spans.mask,
         first, positions, sample_rate_hz_, peaks_.data());
  launch(peak_kernel, grid, kPeakPositions, 0, device_.compute(), spans.samples, spans.mask, first,
         positions, sample_rate_hz_, table_.data(), peaks_.data());
}

std::vector<float> TruePeakMeter::read() const {
  std::vector<unsigned> bits(peaks_.size());
  device_.fetch(DeviceSpan<const unsigned>(peaks_.span()), std::span<unsigned>(bits));
  std::vector<float> peaks;
  for (const unsigned value : bits) peaks.push_back(std::bit_cast<float>(value));
  return peaks;
}

}  // namespace tutti::cuda
