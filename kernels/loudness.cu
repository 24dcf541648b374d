// SPDX-License-Identifier: Apache-2.0
#include "kernels/loudness.hpp"

#include <utility>

#include "host/dsp/k_weighting_scan.hpp"
#include "kernels/block_sum.cuh"
#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

// A thread filters a chunk, a block the chunks of a span.
constexpr int kBlock = 256;
constexpr int kWarps = kBlock / 32;
constexpr int kChunkFrames = kMeterSpanFrames / kBlock;
// The matrix to the power of 0 … kBlock chunks: [entry of KWeightingPower][chunks].
constexpr int kPowers = kBlock + 1;
constexpr int kPowerEntries = sizeof(KWeightingPower) / sizeof(double);
// Bins that touch a span at 8 kHz: whole ones of 80 frames, and one at each end.
constexpr int kMaxSlots = kMeterSpanFrames / 80 + 2;

__device__ KWeightingPower power(const double* __restrict__ powers, int chunks) {
  KWeightingPower m;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    m.s[i] = powers[i * kPowers + chunks];
    m.c[i] = powers[(4 + i) * kPowers + chunks];
    m.h[i] = powers[(8 + i) * kPowers + chunks];
  }
  return m;
}

__device__ KWeightingState load_state(const double* from, Frames stride) {
  return {from[0], from[stride], from[2 * stride], from[3 * stride]};
}

__device__ void store_state(const KWeightingState& state, double* to, Frames stride) {
  to[0] = state.shelf1;
  to[stride] = state.shelf2;
  to[2 * stride] = state.high1;
  to[3 * stride] = state.high2;
}

__device__ KWeightingState from_lane_below(const KWeightingState& state, int distance) {
  return {__shfl_up_sync(0xffffffffU, state.shelf1, distance),
          __shfl_up_sync(0xffffffffU, state.shelf2, distance),
          __shfl_up_sync(0xffffffffU, state.high1, distance),
          __shfl_up_sync(0xffffffffU, state.high2, distance)};
}

// Reads a span in order of time and hands each thread its chunk; the padding keeps the threads'
// accesses in different banks.
__device__ void load_chunk(const float* __restrict__ row, Frames mask, Frames first,
                           float* x_shared, float* x) {
  const int thread = static_cast<int>(threadIdx.x);
  for (int i = thread; i < kMeterSpanFrames; i += kBlock)
    x_shared[i + i / kChunkFrames] = row[(first + i) & mask];
  __syncthreads();
#pragma unroll
  for (int i = 0; i < kChunkFrames; ++i) x[i] = x_shared[thread * (kChunkFrames + 1) + i];
}

// States before each chunk and behind the last, of spans that begin at rest: chunks from rest, then
// a scan over them, the lanes of a warp by doubling and its warps in turn. One block a span of one
// channel; 4 bytes read, 2 written and 25 operations a sample.
// starts: [heard][span][4][chunk], ends: [heard][span][4].
__global__ void __launch_bounds__(kBlock)
    scan_kernel(const float* __restrict__ samples, Frames mask, const int* __restrict__ channels,
                Frames first_frame, KWeightingDesign design, const double* __restrict__ powers,
                double* __restrict__ starts, double* __restrict__ ends) {
  __shared__ float x_shared[kMeterSpanFrames + kBlock];
  __shared__ double warp_ends[kWarps][4];
  const int thread = static_cast<int>(threadIdx.x), lane = thread % 32, warp = thread / 32;
  const Frames slot = static_cast<Frames>(blockIdx.y) * gridDim.x + blockIdx.x;
  float x[kChunkFrames];
  load_chunk(samples + channels[blockIdx.y] * (mask + 1), mask,
             first_frame + static_cast<Frames>(blockIdx.x) * kMeterSpanFrames, x_shared, x);
  KWeightingState state{};
#pragma unroll
  for (int i = 0; i < kChunkFrames; ++i) step(design, state, static_cast<double>(x[i]));
#pragma unroll
  for (int distance = 1; distance < 32; distance *= 2) {
    const KWeightingState below = from_lane_below(state, distance);
    if (lane >= distance) state = advance(power(powers, distance), below, state);
  }
  if (lane == 31) store_state(state, warp_ends[warp], 1);
  __syncthreads();
  KWeightingState start{};
  for (int w = 0; w < warp; ++w)
    start = advance(power(powers, 32), start, load_state(warp_ends[w], 1));
  const KWeightingState all = advance(power(powers, lane + 1), start, state);
  if (thread == kBlock - 1) store_state(all, ends + 4 * slot, 1);
  const KWeightingState below = from_lane_below(all, 1);
  store_state(lane == 0 ? start : below, starts + 4 * kBlock * slot + thread, kBlock);
}

// The bins that touch a span, as frames of the span, and where one begins inside of a chunk.
struct SpanBins {
  int edges[kMaxSlots + 1];
  int borders[kBlock];  // first frame of the chunk's second bin; kChunkFrames: none
};

__device__ void find_bins(SpanBins& bins, Frames first, double sample_rate_hz, int slots) {
  const int thread = static_cast<int>(threadIdx.x);
  bins.borders[thread] = kChunkFrames;
  __syncthreads();
  if (thread <= slots) {
    const Frames at = bin_start(bin_at(first, sample_rate_hz) + thread, sample_rate_hz) - first;
    const int edge = static_cast<int>(at < 0 ? 0 : at < kMeterSpanFrames ? at : kMeterSpanFrames);
    bins.edges[thread] = edge;
    if (edge % kChunkFrames != 0) bins.borders[edge / kChunkFrames] = edge % kChunkFrames;
  }
  __syncthreads();
}

// The energy of one bin's part of the span, by one warp in a fixed tree.
__device__ double bin_energy(const SpanBins& bins, int slot, const double (*parts)[kBlock]) {
  const int first = bins.edges[slot], last = bins.edges[slot + 1];
  const int from = first / kChunkFrames;
  double energy = 0;
  if (first < last)
    for (int chunk = from + static_cast<int>(threadIdx.x % 32); chunk * kChunkFrames < last;
         chunk += 32)
      energy += parts[chunk == from && first % kChunkFrames != 0 ? 1 : 0][chunk];
  return warp_sum(energy);
}

// Filters every chunk from its true state and adds its energy to its bins. The state before a span
// follows from the ends of the spans before it, of which there are a few. One block a span of one
// channel; 6 bytes and 25 operations a sample. energies: [heard][span][slot].
__global__ void __launch_bounds__(kBlock)
    energy_kernel(const float* __restrict__ samples, Frames mask, const int* __restrict__ channels,
                  Frames first_frame, double sample_rate_hz, KWeightingDesign design,
                  const double* __restrict__ powers, const double* __restrict__ starts,
                  const double* __restrict__ ends, const double* __restrict__ state_in,
                  double* __restrict__ state_out, int slots, double* __restrict__ energies) {
  __shared__ float x_shared[kMeterSpanFrames + kBlock];
  __shared__ SpanBins bins;
  __shared__ double parts[2][kBlock];
  const int thread = static_cast<int>(threadIdx.x);
  const Frames slot = static_cast<Frames>(blockIdx.y) * gridDim.x + blockIdx.x;
  const Frames first = first_frame + static_cast<Frames>(blockIdx.x) * kMeterSpanFrames;
  float x[kChunkFrames];
  load_chunk(samples + channels[blockIdx.y] * (mask + 1), mask, first, x_shared, x);
  find_bins(bins, first, sample_rate_hz, slots);

  const KWeightingPower span_power = power(powers, kBlock);
  const double* channel_ends = ends + 4 * static_cast<Frames>(blockIdx.y) * gridDim.x;
  KWeightingState span = load_state(state_in + 4 * blockIdx.y, 1);
  for (unsigned i = 0; i < blockIdx.x; ++i)
    span = without_traces(advance(span_power, span, load_state(channel_ends + 4 * i, 1)));
  if (thread == 0 && blockIdx.x == gridDim.x - 1)
    store_state(without_traces(advance(span_power, span, load_state(ends + 4 * slot, 1))),
                state_out + 4 * blockIdx.y, 1);

  KWeightingState state =
      advance(power(powers, thread), span, load_state(starts + 4 * kBlock * slot + thread, kBlock));
  const int border = bins.borders[thread];
  double before = 0, after = 0;
#pragma unroll
  for (int i = 0; i < kChunkFrames; ++i) {
    const double y = step(design, state, static_cast<double>(x[i]));
    if (i < border)
      before = fma(y, y, before);
    else
      after = fma(y, y, after);
  }
  parts[0][thread] = before;
  parts[1][thread] = after;
  __syncthreads();
  for (int bin = thread / 32; bin < slots; bin += kWarps) {
    const double energy = bin_energy(bins, bin, parts);
    if (thread % 32 == 0) energies[slot * slots + bin] = energy;
  }
}

// One thread a bin: adds spans in turn and in each the channels in turn, so that the sum does not
// depend on the block of the stream in which a span came.
__global__ void __launch_bounds__(kBlock)
    bin_kernel(const double* __restrict__ energies, const double* __restrict__ weights, int heard,
               Frames first_frame, int spans, double sample_rate_hz, int slots,
               std::int64_t first_bin, int bin_count, double* __restrict__ bins) {
  const int i = static_cast<int>(blockIdx.x * kBlock + threadIdx.x);
  if (i >= bin_count) return;
  const std::int64_t bin = first_bin + i;
  double energy = bins[bin];
  for (int span = 0; span < spans; ++span) {
    const Frames first = first_frame + span * kMeterSpanFrames;
    if (bin_start(bin + 1, sample_rate_hz) <= first) break;
    if (bin_start(bin, sample_rate_hz) >= first + kMeterSpanFrames) continue;
    const std::int64_t slot = bin - bin_at(first, sample_rate_hz);
    for (int c = 0; c < heard; ++c)
      energy += weights[c] * energies[(c * spans + span) * slots + slot];
  }
  bins[bin] = energy;
}

std::vector<double> power_table(const KWeightingDesign& design) {
  const std::vector<KWeightingPower> powers = k_weighting_powers(design, kChunkFrames, kPowers);
  std::vector<double> table(static_cast<std::size_t>(kPowerEntries * kPowers));
  for (std::size_t chunks = 0; chunks < kPowers; ++chunks)
    for (std::size_t i = 0; i < 4; ++i) {
      table[i * kPowers + chunks] = powers[chunks].s[i];
      table[(4 + i) * kPowers + chunks] = powers[chunks].c[i];
      table[(8 + i) * kPowers + chunks] = powers[chunks].h[i];
    }
  return table;
}

}  // namespace

LoudnessMeter::LoudnessMeter(Device& device, double sample_rate_hz, std::span<const double> weights)
    : device_(device), sample_rate_hz_(sample_rate_hz) {
  std::vector<int> channels;
  std::vector<double> heard_weights;
  for (std::size_t c = 0; c < weights.size(); ++c) {
    if (weights[c] == 0) continue;
    channels.push_back(static_cast<int>(c));
    heard_weights.push_back(weights[c]);
  }
  heard_ = static_cast<int>(channels.size());
  heard_channels_ = device_copy(device.compute(), channels);
  weights_ = device_copy(device.compute(), heard_weights);
  powers_ = device_copy(device.compute(), power_table(k_weighting_to_step(sample_rate_hz)));
  for (DeviceBuffer<double>& states : states_) {
    states = DeviceBuffer<double>(device.compute(), static_cast<std::size_t>(4 * heard_));
    clear(device.compute(), states.span());
  }
}

void LoudnessMeter::add(const MeterSpans& spans) {
  const cudaStream_t stream = device_.compute();
  const std::int64_t first_bin = bin_at(spans.first_frame, sample_rate_hz_);
  const std::int64_t last_bin = bin_at(spans.first_frame + spans.frames() - 1, sample_rate_hz_);
  bins_.grow(stream, static_cast<std::size_t>(last_bin) + 1);
  if (heard_ == 0) return;
  const auto blocks = static_cast<std::size_t>(heard_) * static_cast<std::size_t>(spans.spans);
  const int slots =
      static_cast<int>(static_cast<double>(kMeterSpanFrames * kBinsPerSecond) / sample_rate_hz_) +
      2;
  const DeviceBuffer<double> starts(stream, blocks * 4 * kBlock), ends(stream, blocks * 4),
      energies(stream, blocks * static_cast<std::size_t>(slots));
  const KWeightingDesign design = k_weighting_to_step(sample_rate_hz_);
  const dim3 grid(static_cast<unsigned>(spans.spans), static_cast<unsigned>(heard_));
  launch(scan_kernel, grid, kBlock, 0, stream, spans.samples, spans.mask, heard_channels_.data(),
         spans.first_frame, design, powers_.data(), starts.data(), ends.data());
  launch(energy_kernel, grid, kBlock, 0, stream, spans.samples, spans.mask, heard_channels_.data(),
         spans.first_frame, sample_rate_hz_, design, powers_.data(), starts.data(), ends.data(),
         states_[0].data(), states_[1].data(), slots, energies.data());
  std::swap(states_[0], states_[1]);
  const int bin_count = static_cast<int>(last_bin - first_bin) + 1;
  launch(bin_kernel, blocks_for(bin_count, kBlock), kBlock, 0, stream, energies.data(),
         weights_.data(), heard_, spans.first_frame, spans.spans, sample_rate_hz_, slots, first_bin,
         bin_count, bins_.data());
}

std::vector<double> LoudnessMeter::read() const {
  std::vector<double> bins(bins_.size());
  device_.fetch(DeviceSpan<const double>(bins_.span()), std::span<double>(bins));
  return bins;
}

}  // namespace tutti::cuda
