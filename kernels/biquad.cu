// SPDX-License-Identifier: Apache-2.0
// One block a lane, walking through the tile chunk by chunk; within a chunk a scan over time. Each
// section: every thread runs its frames from rest, the states so reached are joined over the warp
// by shuffles and over the warps by every thread itself, then each thread runs its frames again
// from the state that the sequential recursion would have there. So rounding does not add up: what
// a thread writes is the recursion itself, from a state that is right to the last bits of a double.
#include "kernels/biquad.hpp"

#include <stdexcept>

#include "kernels/lane_unit.hpp"
#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

constexpr int kRun = kBiquadRunFrames;
constexpr int kBlock = static_cast<int>(kScanFrames) / kRun;
constexpr int kWarp = 32, kWarps = kBlock / kWarp;
constexpr unsigned kAllLanes = 0xffffffffu;
constexpr int kLevels = 5;  // of a scan over a warp
static_assert(kControlFrames % kRun == 0);

// Samples of a chunk in shared memory: a gap after each run keeps the threads of a warp, which read
// their runs in step, on different banks.
constexpr int kStagedSamples = static_cast<int>(kScanFrames) + kBlock;
__device__ __forceinline__ int staged_at(int n) { return n + n / kRun; }

__device__ __forceinline__ BiquadState shuffled_up(const BiquadState& s, int by) {
  return {__shfl_up_sync(kAllLanes, s.s1, by), __shfl_up_sync(kAllLanes, s.s2, by)};
}
__device__ __forceinline__ BiquadMap shuffled_up(const BiquadMap& m, int by) {
  return {__shfl_up_sync(kAllLanes, m.a, by), __shfl_up_sync(kAllLanes, m.b, by),
          __shfl_up_sync(kAllLanes, m.c, by), __shfl_up_sync(kAllLanes, m.d, by)};
}

__device__ __forceinline__ BiquadMap run_map(const BiquadDesign& design) {
  BiquadMap map = free_map(design);
  for (int n = 1; n < kRun; n *= 2) map = joined(map, map);
  return map;
}

// What the runs before lane `lane` of a warp do together, from the inclusive scan.
__device__ __forceinline__ BiquadMap map_before(const BiquadMap& inclusive, int lane) {
  const BiquadMap before = shuffled_up(inclusive, 1);
  return lane == 0 ? BiquadMap{1, 0, 0, 1} : before;
}

// The same scan of maps as `entry_state` does for moving designs, once and for all: one warp a
// section. Shared by all lanes of a strip, all chunks and all tiles.
__global__ void __launch_bounds__(kWarp)
    map_kernel(const int* __restrict__ strips, int capacity,
               const BiquadDesign* __restrict__ designs, BiquadMaps* maps) {
  const int lane = threadIdx.x;
  const Frames at = static_cast<Frames>(strips[blockIdx.y]) * capacity + blockIdx.x;
  BiquadMap map = run_map(designs[at]);
  for (int level = 0; level < kLevels; ++level) {
    if (lane == kWarp - 1) maps[at].doubled[level] = map;
    const BiquadMap first = shuffled_up(map, 1 << level);
    if (lane >= 1 << level) map = joined(map, first);
  }
  if (lane == kWarp - 1) maps[at].warp = map;
  maps[at].before[lane] = map_before(map, lane);
}

// What the warps of a block leave for each other; two of it, used in turn, need one barrier a
// section.
struct WarpEnds {
  BiquadMap maps[kWarps];  // of moving designs
  double2 states[kWarps];  // from rest
};

// The state in which this thread's run is entered. `carry` is the chunk's. One barrier.
template <bool kMoves>
__device__ __forceinline__ BiquadState entry_state(const BiquadDesign& design,
                                                   const BiquadMaps* __restrict__ maps,
                                                   const double (&x)[kRun], const double2* carry,
                                                   WarpEnds& ends) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int warp = static_cast<int>(threadIdx.x) / kWarp;
  BiquadState state{};
#pragma unroll
  for (int i = 0; i < kRun; ++i) biquad_step(design, state, x[i]);
  BiquadMap map;
  if constexpr (kMoves) map = run_map(design);
#pragma unroll
  for (int level = 0; level < kLevels; ++level) {
    const bool joins = lane >= 1 << level;
    const BiquadState entry = shuffled_up(state, 1 << level);
    if constexpr (kMoves) {
      const BiquadMap first = shuffled_up(map, 1 << level);
      if (joins) state = state_after(map, entry, state);
      if (joins) map = joined(map, first);
    } else {
      if (joins) state = state_after(maps->doubled[level], entry, state);
    }
  }
  if (lane == kWarp - 1) {
    ends.states[warp] = {state.s1, state.s2};
    if constexpr (kMoves) ends.maps[warp] = map;
  }
  BiquadState before = shuffled_up(state, 1);
  if (lane == 0) before = {};
  if constexpr (kMoves) map = map_before(map, lane);
  __syncthreads();
  BiquadState entry{carry->x, carry->y};
  for (int w = 0; w < warp; ++w) {
    const BiquadState end{ends.states[w].x, ends.states[w].y};
    entry = state_after(kMoves ? ends.maps[w] : maps->warp, entry, end);
  }
  return state_after(kMoves ? map : maps->before[lane], entry, before);
}

// This thread's frames through one section. The thread that holds the chunk's last frame leaves the
// state after it in `carry_out`.
template <bool kMoves>
__device__ __forceinline__ void run_section(const BiquadDesign& design,
                                            const BiquadMaps* __restrict__ maps, int frames,
                                            const double2* carry, double2* carry_out,
                                            WarpEnds& ends, double (&x)[kRun]) {
  BiquadState state = entry_state<kMoves>(design, maps, x, carry, ends);
  const int mine = frames - static_cast<int>(threadIdx.x) * kRun;
  if (0 < mine && mine < kRun) {
    BiquadState last = state;
#pragma unroll
    for (int i = 0; i < kRun; ++i)
      if (i < mine) biquad_step(design, last, x[i]);
    *carry_out = {last.s1, last.s2};
  }
#pragma unroll
  for (int i = 0; i < kRun; ++i) x[i] = biquad_step(design, state, x[i]);
  if (mine == kRun) *carry_out = {state.s1, state.s2};
}

// 8 bytes a sample and about 13 operations in double a section and sample (2 × 5 for the runs, 3
// for joining them; twice as many for joining where designs move); 16 bytes of state a lane and
// section.
template <bool kMoves>
__global__ void __launch_bounds__(kBlock)
    filter_kernel(float* signal, Frames frames, Frames stride, const int* __restrict__ strips,
                  int channels, int capacity, const int* __restrict__ sections,
                  const float* __restrict__ mixes, const BiquadDesign* __restrict__ designs,
                  const BiquadMaps* __restrict__ maps, Frames segments, BiquadState* states) {
  __shared__ float staged[kStagedSamples];
  __shared__ WarpEnds ends[2];
  double2* carry = dyn_smem<double2>();  // [2][capacity], before and after a chunk in turn
  const int thread = threadIdx.x;
  const int listed = static_cast<int>(blockIdx.x) / channels;
  const int strip = strips[listed];
  const int lane = strip * channels + static_cast<int>(blockIdx.x) % channels;
  const int count = sections[strip];
  const float mix = mixes[strip];
  float* lane_signal = signal + lane * stride;
  states += static_cast<Frames>(lane) * capacity;
  maps += static_cast<Frames>(strip) * capacity;
  designs += kMoves ? listed * segments * capacity : static_cast<Frames>(strip) * capacity;

  for (int k = thread; k < count; k += kBlock) carry[k] = {states[k].s1, states[k].s2};
  int before = 0, after = capacity;
  for (Frames first = 0; first < frames; first += kScanFrames) {
    const int chunk = static_cast<int>(min(kScanFrames, frames - first));
    __syncthreads();
    for (int n = thread; n < kScanFrames; n += kBlock)
      staged[staged_at(n)] = n < chunk ? lane_signal[first + n] : 0.0f;
    __syncthreads();
    float* run = staged + staged_at(thread * kRun);
    double x[kRun];
#pragma unroll
    for (int i = 0; i < kRun; ++i) x[i] = run[i];
    // The last threads of a partial chunk may lie beyond the last segment.
    const Frames segment = min((first + thread * kRun) / kControlFrames, segments - 1);
    const BiquadDesign* cascade = kMoves ? designs + segment * capacity : designs;
    for (int k = 0; k < count; ++k)
      run_section<kMoves>(cascade[k], maps + k, chunk, carry + before + k, carry + after + k,
                          ends[k % 2], x);
#pragma unroll
    for (int i = 0; i < kRun; ++i)
      run[i] = fma(mix, static_cast<float>(x[i]), (1.0f - mix) * run[i]);
    __syncthreads();
    for (int n = thread; n < chunk; n += kBlock) lane_signal[first + n] = staged[staged_at(n)];
    before = capacity - before;
    after = capacity - after;
  }
  for (int k = thread; k < count; k += kBlock)
    states[k] = {carry[before + k].x, carry[before + k].y};
}

template <bool kMoves>
void filter(cudaStream_t stream, DeviceSpan<const int> strips, const BiquadBank& bank,
            DeviceSpan<const BiquadDesign> designs, DeviceBlock signal) {
  if (bank.capacity > kMostBiquadSections) throw std::logic_error("filter_lanes: cascade too long");
  if (strips.empty() || signal.frames == 0) return;
  const Frames segments = (signal.frames + kControlFrames - 1) / kControlFrames;
  launch(filter_kernel<kMoves>, static_cast<unsigned>(strips.size()) * bank.channels, kBlock,
         2 * static_cast<std::size_t>(bank.capacity) * sizeof(double2), stream, signal.data,
         signal.frames, signal.stride, strips.data(), bank.channels, bank.capacity,
         bank.sections.data(), bank.mixes.data(), designs.data(), bank.maps.data(), segments,
         bank.states.data());
}

}  // namespace

void map_sections(cudaStream_t stream, DeviceSpan<const int> strips, int capacity,
                  DeviceSpan<const BiquadDesign> designs, DeviceSpan<BiquadMaps> maps) {
  if (strips.empty() || capacity == 0) return;
  const dim3 grid(static_cast<unsigned>(capacity), static_cast<unsigned>(strips.size()));
  launch(map_kernel, grid, kWarp, 0, stream, strips.data(), capacity, designs.data(), maps.data());
}

void filter_lanes(cudaStream_t stream, DeviceSpan<const int> strips, const BiquadBank& bank,
                  DeviceBlock signal) {
  filter<false>(stream, strips, bank, bank.designs, signal);
}

void filter_moving_lanes(cudaStream_t stream, DeviceSpan<const int> strips, const BiquadBank& bank,
                         DeviceSpan<const BiquadDesign> moving, DeviceBlock signal) {
  filter<true>(stream, strips, bank, moving, signal);
}

}  // namespace tutti::cuda
