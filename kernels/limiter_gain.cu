// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <utility>
#include <vector>

#include "kernels/limiter.hpp"
#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

constexpr int kBlock = kLimiterChunk;
constexpr int kWarps = kBlock / 32;
constexpr unsigned kAll = 0xffffffffU;

// max needed[n − window … n] for the 32 frames of a warp, exactly: [van Herk] with runs of a warp.
// The windows' common middle is read once, their beginnings are suffixes of 32 frames and their
// ends prefixes of the warp's own.
__device__ std::int32_t window_maximum(const std::int32_t* __restrict__ needed, Frames mask,
                                       Frames n, Frames window) {
  const int lane = static_cast<int>(threadIdx.x % 32);
  if (window < 32) {
    std::int32_t highest = 0;
    for (Frames k = n - window; k <= n; ++k) highest = max(highest, needed[k & mask]);
    return highest;
  }
  const Frames own = n - lane;
  std::int32_t middle = 0;
  for (Frames k = own - window + 32 + lane; k < own; k += 32)
    middle = max(middle, needed[k & mask]);
  middle = __reduce_max_sync(kAll, middle);
  std::int32_t suffix = needed[(n - window) & mask];
  std::int32_t prefix = needed[n & mask];
#pragma unroll
  for (int distance = 1; distance < 32; distance *= 2) {
    const std::int32_t above = __shfl_down_sync(kAll, suffix, distance);
    const std::int32_t below = __shfl_up_sync(kAll, prefix, distance);
    if (lane + distance < 32) suffix = max(suffix, above);
    if (lane >= distance) prefix = max(prefix, below);
  }
  return max(middle, max(suffix, prefix));
}

// Held reductions, released from the start of each chunk as if nothing had been before it: instant
// rise, exponential fall, a scan of max(x, pole^k · y) by doubling. One block a chunk of one
// stream. 4 · (window/32 + 2) bytes read, most of them from the cache, 8 written and 30 operations
// a frame. released: [stream][chunk][frame], ends: [stream][chunk].
__global__ void __launch_bounds__(kBlock)
    hold_kernel(const std::int32_t* __restrict__ needed, Frames mask, Frames first_chunk,
                Frames window, const double* __restrict__ pole_powers,
                double* __restrict__ released, double* __restrict__ ends) {
  __shared__ double warp_ends[kWarps];
  const int thread = static_cast<int>(threadIdx.x), lane = thread % 32, warp = thread / 32;
  const Frames n = (first_chunk + blockIdx.x) * kBlock + thread;
  const Frames slot = static_cast<Frames>(blockIdx.y) * gridDim.x + blockIdx.x;
  const std::int32_t held = window_maximum(needed + blockIdx.y * (mask + 1), mask, n, window);
  double value = held;
  if (__syncthreads_or(held != 0)) {
#pragma unroll
    for (int distance = 1; distance < 32; distance *= 2) {
      const double before = __shfl_up_sync(kAll, value, distance);
      if (lane >= distance) value = fmax(value, before * pole_powers[distance]);
    }
    if (lane == 31) warp_ends[warp] = value;
    __syncthreads();
    double before = 0;
    for (int w = 0; w < warp; ++w) before = fmax(before * pole_powers[32], warp_ends[w]);
    value = fmax(value, before * pole_powers[lane + 1]);
  }
  released[slot * kBlock + thread] = value;
  if (thread == kBlock - 1) ends[slot] = value;
}

// What is left below one unit is 0, for ever: so a release ends.
__device__ double next_chunk(double released, double chunk_power, double end) {
  const double value = fmax(released * chunk_power, end);
  return value < 1 ? 0 : value;
}

// Σ over the threads up to this one. Barriers: two.
__device__ std::uint64_t prefix_sum(std::uint64_t value, std::uint64_t* warp_sums) {
  const int lane = static_cast<int>(threadIdx.x % 32), warp = static_cast<int>(threadIdx.x / 32);
#pragma unroll
  for (int distance = 1; distance < 32; distance *= 2) {
    const unsigned long long below =
        __shfl_up_sync(kAll, static_cast<unsigned long long>(value), distance);
    if (lane >= distance) value += below;
  }
  if (lane == 31) warp_sums[warp] = value;
  __syncthreads();
  for (int w = 0; w < warp; ++w) value += warp_sums[w];
  __syncthreads();
  return value;
}

// The release across chunks, and the triple sum from the start of each. One block a chunk of one
// stream; the state before it follows from the ends of the chunks before it. 8 bytes read, 8
// written and 50 operations a frame. totals: [stream][chunk][3].
__global__ void __launch_bounds__(kBlock)
    sum_kernel(const double* __restrict__ released, const double* __restrict__ ends,
               Frames first_chunk, Frames end_frame, unsigned whole_chunks,
               const double* __restrict__ pole_powers, const double* __restrict__ state_in,
               double* __restrict__ state_out, std::uint64_t* __restrict__ sums, Frames mask,
               std::uint64_t* __restrict__ totals) {
  __shared__ std::uint64_t warp_sums[kWarps];
  const int thread = static_cast<int>(threadIdx.x);
  const Frames n = (first_chunk + blockIdx.x) * kBlock + thread;
  const Frames slot = static_cast<Frames>(blockIdx.y) * gridDim.x + blockIdx.x;
  const double* chunk_ends = ends + static_cast<Frames>(blockIdx.y) * gridDim.x;
  const double chunk_power = pole_powers[kBlock];
  double before = state_in[blockIdx.y];
  for (unsigned i = 0; i < blockIdx.x; ++i) before = next_chunk(before, chunk_power, chunk_ends[i]);
  if (thread == 0) {
    if (blockIdx.x + 1 == whole_chunks)
      state_out[blockIdx.y] = next_chunk(before, chunk_power, chunk_ends[blockIdx.x]);
    if (blockIdx.x == 0 && whole_chunks == 0) state_out[blockIdx.y] = before;
  }
  const double value = fmax(released[slot * kBlock + thread], before * pole_powers[thread + 1]);
  const std::uint64_t units = n < end_frame ? static_cast<std::uint64_t>(value) : 0;
  TripleSum sum;
  if (__syncthreads_or(units != 0)) {
    sum.once = prefix_sum(units, warp_sums);
    sum.twice = prefix_sum(sum.once, warp_sums);
    sum.thrice = prefix_sum(sum.twice, warp_sums);
  }
  if (n < end_frame) sums[blockIdx.y * (mask + 1) + (n & mask)] = sum.thrice;
  if (thread == kBlock - 1) {
    totals[3 * slot] = sum.once;
    totals[3 * slot + 1] = sum.twice;
    totals[3 * slot + 2] = sum.thrice;
  }
}

__device__ TripleSum add(const TripleSum& a, const TripleSum& b) {
  return {a.once + b.once, a.twice + b.twice, a.thrice + b.thrice};
}

__device__ TripleSum from_lane(const TripleSum& s, int lane) {
  const auto get = [&](std::uint64_t value) {
    return static_cast<std::uint64_t>(
        __shfl_sync(kAll, static_cast<unsigned long long>(value), lane));
  };
  return {get(s.once), get(s.twice), get(s.thrice)};
}

// The triple sums at the starts of chunks: one warp a stream scans 32 chunks at a time.
__global__ void __launch_bounds__(32)
    chunk_kernel(const std::uint64_t* __restrict__ totals, Frames first_chunk, int chunks,
                 int whole_chunks, std::uint64_t* __restrict__ starts, Frames mask) {
  const int lane = static_cast<int>(threadIdx.x);
  std::uint64_t* row = starts + 3 * blockIdx.x * (mask + 1);
  const Frames size = mask + 1, first = first_chunk & mask;
  TripleSum start{row[first], row[size + first], row[2 * size + first]};
  for (int base = 0; base < whole_chunks; base += 32) {
    const int chunk = base + lane;
    TripleSum sum;
    if (chunk < whole_chunks) {
      const std::uint64_t* total = totals + 3 * (static_cast<Frames>(blockIdx.x) * chunks + chunk);
      sum = {total[0], total[1], total[2]};
    }
    for (int distance = 1; distance < 32; distance *= 2) {
      const TripleSum below = from_lane(sum, lane < distance ? lane : lane - distance);
      if (lane >= distance)
        sum = add(sum, after_zeros(below, static_cast<std::uint64_t>(distance) * kBlock));
    }
    sum = add(sum, after_zeros(start, static_cast<std::uint64_t>(lane + 1) * kBlock));
    if (chunk < whole_chunks) {
      const Frames at = (first_chunk + chunk + 1) & mask;
      row[at] = sum.once;
      row[size + at] = sum.twice;
      row[2 * size + at] = sum.thrice;
    }
    start = from_lane(sum, 31);
  }
}

}  // namespace

// The window and the hold before a frame, of all frames of its chunk.
LimiterSmoother::LimiterSmoother(Device& device, const LimiterStageDesign& design, int streams)
    : device_(device),
      design_(design),
      streams_(streams),
      needed_(streams, design.window_frames + design.hold_frames + kLimiterChunk),
      sums_(streams, design.window_frames + 2 + kLimiterChunk),
      chunk_starts_(3 * streams, (design.window_frames + 2) / kLimiterChunk + 2) {
  std::vector<double> powers(kLimiterChunk + 1, 1.0);
  for (std::size_t k = 1; k < powers.size(); ++k) powers[k] = powers[k - 1] * design.release_pole;
  pole_powers_ = device_copy(device.compute(), powers);
  for (DeviceBuffer<double>& state : released_) {
    state = DeviceBuffer<double>(device.compute(), static_cast<std::size_t>(streams));
    clear(device.compute(), state.span());
  }
}

void LimiterSmoother::make_room(const LimiterSpan& span) {
  needed_.make_room(device_.compute(), span.first, span.frames);
  sums_.make_room(device_.compute(), span.first, span.frames);
  chunk_starts_.make_room(device_.compute(), span.first_chunk() + 1, span.chunks());
}

void LimiterSmoother::run(const LimiterSpan& span) {
  const cudaStream_t stream = device_.compute();
  const auto slots = static_cast<std::size_t>(span.chunks() * streams_);
  const DeviceBuffer<double> released(stream, slots * kBlock), ends(stream, slots);
  const DeviceBuffer<std::uint64_t> totals(stream, 3 * slots);
  const dim3 grid(static_cast<unsigned>(span.chunks()), static_cast<unsigned>(streams_));
  // A reduction holds for the frames on both sides of its interval: one more than the window.
  launch(hold_kernel, grid, kBlock, 0, stream, needed_.data(), needed_.mask(), span.first_chunk(),
         design_.window_frames + design_.hold_frames, pole_powers_.data(), released.data(),
         ends.data());
  launch(sum_kernel, grid, kBlock, 0, stream, released.data(), ends.data(), span.first_chunk(),
         span.end(), static_cast<unsigned>(span.whole_chunks()), pole_powers_.data(),
         released_[0].data(), released_[1].data(), sums_.data(), sums_.mask(), totals.data());
  std::swap(released_[0], released_[1]);
  launch(chunk_kernel, static_cast<unsigned>(streams_), 32, 0, stream, totals.data(),
         span.first_chunk(), static_cast<int>(span.chunks()), static_cast<int>(span.whole_chunks()),
         chunk_starts_.data(), chunk_starts_.mask());
}

}  // namespace tutti::cuda
