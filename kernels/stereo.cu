// SPDX-License-Identifier: Apache-2.0
#include "kernels/stereo.hpp"

#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

constexpr int kRun = SideFilter::kRun, kLevels = SideFilter::kLevels;
constexpr int kSections = SideFilter::kSections, kStates = SideFilter::kStates;
constexpr int kBlock = static_cast<int>(kScanFrames) / kRun;
constexpr int kWarps = kBlock / 32;
// One place in kRun + 1 stays empty, so that the runs of a warp lie in different banks.
constexpr int kStageDoubles = kBlock * (kRun + 1);

__device__ const GlideStretch& stretch_at(const GlideStretch* stretches, int count, Frames n) {
  int low = 0;
  for (int high = count; high - low > 1;) {
    const int middle = (low + high) / 2;
    (stretches[middle].first <= n ? low : high) = middle;
  }
  return stretches[low];
}

__device__ double side_at(const float* in, Frames stride, const GlideStretch& stretch, Frames n) {
  const double left = in ? in[n] : 0.0f, right = in ? in[stride + n] : 0.0f;
  return side_of(left, right, stretch.ramp.side_at(n - stretch.first));
}

__device__ void write_frame(const float* in, Frames in_stride, const GlideStretch& stretch,
                            double side, float* out, Frames out_stride, Frames n) {
  const double left = in ? in[n] : 0.0f, right = in ? in[in_stride + n] : 0.0f;
  const double mid = mid_of(left, right, stretch.ramp.mid_at(n - stretch.first));
  out[n] = static_cast<float>(mid + side);
  out[out_stride + n] = static_cast<float>(mid - side);
}

// One thread a frame. 0 bytes of state, 12 operations a frame.
__global__ void __launch_bounds__(kBlock)
    gains_kernel(const float* in, Frames in_stride, float* out, Frames out_stride, Frames frames,
                 const GlideStretch* __restrict__ stretches, int stretch_count) {
  const Frames step = static_cast<Frames>(gridDim.x) * kBlock;
  for (Frames n = static_cast<Frames>(blockIdx.x) * kBlock + threadIdx.x; n < frames; n += step) {
    const GlideStretch& stretch = stretch_at(stretches, stretch_count, n);
    write_frame(in, in_stride, stretch, side_at(in, in_stride, stretch, n), out, out_stride, n);
  }
}

// Shared memory has no constructors, and BiquadState has one.
struct SharedState {
  double s1, s2;
};
__device__ SharedState packed(BiquadState s) { return {s.s1, s.s2}; }
__device__ BiquadState unpacked(SharedState s) { return {s.s1, s.s2}; }

/// m · v + w.
__device__ BiquadState advance(const double (&m)[4], BiquadState v, BiquadState w) {
  return {fma(m[0], v.s1, fma(m[1], v.s2, w.s1)), fma(m[2], v.s1, fma(m[3], v.s2, w.s2))};
}

// A block's chunk through one section; each thread holds `count` ≤ kRun frames of it in x, and all
// threads before the last frame kRun. Starts from `entry`; returns the state after the own frames.
__device__ BiquadState filter_chunk(const BiquadDesign& section, const double (&powers)[kLevels][4],
                                    BiquadState entry, SharedState* warp_ends, double (&x)[kRun],
                                    int count) {
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  BiquadState end;  // of the own run from rest, then of all runs of the warp up to it
#pragma unroll
  for (int i = 0; i < kRun; ++i) biquad_step(section, end, x[i]);
#pragma unroll
  for (int level = 0; level < kLevels - 1; ++level) {
    const int distance = 1 << level;
    const BiquadState before{__shfl_up_sync(~0u, end.s1, distance),
                             __shfl_up_sync(~0u, end.s2, distance)};
    if (lane >= distance) end = advance(powers[level], before, end);
  }
  if (lane == 31) warp_ends[warp] = packed(end);
  __syncthreads();
  for (int w = 0; w < warp; ++w)
    entry = advance(powers[kLevels - 1], entry, unpacked(warp_ends[w]));
#pragma unroll
  for (int level = 0; level < kLevels - 1; ++level)
    if (lane >> level & 1) entry = advance(powers[level], entry, {});
  const BiquadState before{__shfl_up_sync(~0u, end.s1, 1), __shfl_up_sync(~0u, end.s2, 1)};
  BiquadState state = entry;
  if (lane > 0) state = {entry.s1 + before.s1, entry.s2 + before.s2};
#pragma unroll
  for (int i = 0; i < kRun; ++i)
    if (i < count) x[i] = biquad_step(section, state, x[i]);
  __syncthreads();
  return state;
}

/// Both sections over the chunk of frames [first, first + count), from `states`, which become those
/// after the own frames.
__device__ void filter_side(const SideFilter& filter, const float* in, Frames in_stride,
                            const GlideStretch* stretches, int stretch_count, Frames first,
                            int count, double* stage, SharedState* warp_ends,
                            BiquadState (&states)[kSections]) {
  const int thread = static_cast<int>(threadIdx.x);
  for (int n = thread; n < kScanFrames; n += kBlock) {
    double side = 0;
    if (n < count)
      side = side_at(in, in_stride, stretch_at(stretches, stretch_count, first + n), first + n);
    stage[n + n / kRun] = side;
  }
  __syncthreads();
  double x[kRun];
#pragma unroll
  for (int i = 0; i < kRun; ++i) x[i] = stage[thread * (kRun + 1) + i];
  const int own = min(max(count - thread * kRun, 0), kRun);
#pragma unroll
  for (int k = 0; k < kSections; ++k)
    states[k] = filter_chunk(filter.sections[k], filter.powers[k], states[k], warp_ends, x, own);
#pragma unroll
  for (int i = 0; i < kRun; ++i) stage[thread * (kRun + 1) + i] = x[i];
  __syncthreads();
}

// One block a chunk: its states at the end when it starts from rest.
__global__ void __launch_bounds__(kBlock)
    chunk_ends_kernel(const SideFilter* __restrict__ filter, const float* in, Frames in_stride,
                      const GlideStretch* __restrict__ stretches, int stretch_count, Frames first,
                      BiquadState* ends) {
  __shared__ SharedState warp_ends[kWarps];
  BiquadState states[kSections];
  filter_side(*filter, in, in_stride, stretches, stretch_count, first + blockIdx.x * kScanFrames,
              static_cast<int>(kScanFrames), dyn_smem<double>(), warp_ends, states);
  if (threadIdx.x == kBlock - 1)
    for (int k = 0; k < kSections; ++k) ends[blockIdx.x * kSections + k] = states[k];
}

/// The states before chunk `index`: those before the call, through the chunks one by one.
__device__ void chain_chunks(const SideFilter& filter, const BiquadState* before,
                             const BiquadState* ends, int index, BiquadState* to) {
  double state[kStates];
  for (int k = 0; k < kSections; ++k) {
    state[2 * k] = before[k].s1;
    state[2 * k + 1] = before[k].s2;
  }
  for (int c = 0; c < index; ++c) {
    double next[kStates];
#pragma unroll
    for (int row = 0; row < kStates; ++row) {
      const BiquadState& end = ends[c * kSections + row / 2];
      next[row] = row % 2 ? end.s2 : end.s1;
#pragma unroll
      for (int k = 0; k < kStates; ++k)
        next[row] = fma(filter.chunk[row * kStates + k], state[k], next[row]);
    }
#pragma unroll
    for (int row = 0; row < kStates; ++row) state[row] = next[row];
  }
  for (int k = 0; k < kSections; ++k) to[k] = {state[2 * k], state[2 * k + 1]};
}

// One block a chunk. State: 32 bytes; about 75 operations a frame.
__global__ void __launch_bounds__(kBlock)
    filter_kernel(const SideFilter* __restrict__ filter, const float* in, Frames in_stride,
                  float* out, Frames out_stride, Frames frames,
                  const GlideStretch* __restrict__ stretches, int stretch_count, Frames first,
                  const BiquadState* __restrict__ ends, const BiquadState* __restrict__ before,
                  BiquadState* __restrict__ after) {
  __shared__ SharedState warp_ends[kWarps], entry[kSections];
  double* const stage = dyn_smem<double>();
  const int thread = static_cast<int>(threadIdx.x), chunk = static_cast<int>(blockIdx.x);
  const bool last = blockIdx.x + 1 == gridDim.x;
  first += chunk * kScanFrames;
  const int count = static_cast<int>(min(kScanFrames, frames - first));
  BiquadState states[kSections];
  if (thread == 0) {
    chain_chunks(*filter, before, ends, chunk, states);
    for (int k = 0; k < kSections; ++k) entry[k] = packed(states[k]);
  }
  __syncthreads();
  for (int k = 0; k < kSections; ++k) states[k] = unpacked(entry[k]);
  filter_side(*filter, in, in_stride, stretches, stretch_count, first, count, stage, warp_ends,
              states);
  for (int n = thread; n < count; n += kBlock)
    write_frame(in, in_stride, stretch_at(stretches, stretch_count, first + n), stage[n + n / kRun],
                out, out_stride, first + n);
  // The state after a whole chunk is the chain's, whether or not another chunk follows in this
  // call.
  if (last && count == kScanFrames && thread == 0)
    chain_chunks(*filter, before, ends, chunk + 1, after);
  if (last && count < kScanFrames && thread == (count - 1) / kRun)
    for (int k = 0; k < kSections; ++k) after[k] = states[k];
}

constexpr std::size_t kStageBytes = kStageDoubles * sizeof(double);

}  // namespace

void glide_sides(cudaStream_t stream, ConstDeviceBlock in, DeviceBlock out,
                 DeviceSpan<const GlideStretch> stretches) {
  if (out.frames == 0) return;
  launch(gains_kernel, blocks_for(out.frames, kBlock), kBlock, 0, stream, in.data, in.stride,
         out.data, out.stride, out.frames, stretches.data(), static_cast<int>(stretches.size()));
}

void filter_sides(cudaStream_t stream, DeviceSpan<const SideFilter> filter, ConstDeviceBlock in,
                  DeviceBlock out, DeviceSpan<const GlideStretch> stretches, SideCall call) {
  const Frames frames = call.end - call.first;
  if (frames == 0) return;
  const auto whole = call.begun ? 0u : static_cast<unsigned>(frames / kScanFrames);
  const auto chunks = static_cast<unsigned>((frames + kScanFrames - 1) / kScanFrames);
  const auto stretch_count = static_cast<int>(stretches.size());
  const DeviceBuffer<BiquadState> ends(stream, std::size_t{whole} * kSections);
  if (whole > 0)
    launch(chunk_ends_kernel, whole, kBlock, kStageBytes, stream, filter.data(), in.data, in.stride,
           stretches.data(), stretch_count, call.first, ends.data());
  launch(filter_kernel, chunks, kBlock, kStageBytes, stream, filter.data(), in.data, in.stride,
         out.data, out.stride, call.end, stretches.data(), stretch_count, call.first, ends.data(),
         call.before.data(), call.after.data());
}

}  // namespace tutti::cuda
