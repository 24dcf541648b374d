// SPDX-License-Identifier: Apache-2.0
#include "kernels/delay.hpp"

#include <algorithm>

#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

constexpr int kBlock = 256;
// Below this, too few frames are independent of each other to fill a device: a block of as many
// threads goes through its channel in stages that lie in shared memory (40 KiB of doubles).
constexpr int kShortFrames = 1024;
constexpr int kStageFrames = 4096;

/// The effect: 8 bytes a channel and frame of delay, 5 operations a sample.
struct Echo {
  using Stored = double;
  DelayDesign design;

  __host__ __device__ bool feeds_back() const { return design.feedback != 0; }
  __device__ double store(double x, double delayed) const {
    return delay_store(design, x, delayed);
  }
  __device__ float output(float x, double delayed) const {
    return delay_output(design, static_cast<double>(x), delayed);
  }
  /// Without a line.
  __device__ float direct(float x) const {
    return static_cast<float>((design.dry + design.wet) * static_cast<double>(x));
  }
};

/// Alignment: 4 bytes a channel and frame of delay, no operation.
struct Shift {
  using Stored = float;

  __host__ __device__ bool feeds_back() const { return false; }
  __device__ float store(float x, float) const { return x; }
  __device__ float output(float, float delayed) const { return delayed; }
  __device__ float direct(float x) const { return x; }
};

// `in` is null for silence, and may be `out`. Channels lie a stride apart.

// Grid: frames × channels.
template <typename Unit>
__global__ void __launch_bounds__(kBlock)
    direct_kernel(Unit unit, const float* in, Frames in_stride, float* out, Frames out_stride,
                  Frames frames) {
  in = in ? in + blockIdx.y * in_stride : nullptr;
  out += blockIdx.y * out_stride;
  const Frames step = static_cast<Frames>(gridDim.x) * kBlock;
  for (Frames n = static_cast<Frames>(blockIdx.x) * kBlock + threadIdx.x; n < frames; n += step)
    out[n] = unit.direct(in ? in[n] : 0.0f);
}

// One thread a place of the line, which meets every delay_frames-th frame of the call. Frame n is
// read before it is written, and by no other thread, so the call may be in place. Grid: places ×
// channels.
template <typename Unit>
__global__ void __launch_bounds__(kBlock)
    long_delay_kernel(Unit unit, const float* in, Frames in_stride, float* out, Frames out_stride,
                      Frames frames, typename Unit::Stored* line, Frames delay_frames,
                      Frames position) {
  in = in ? in + blockIdx.y * in_stride : nullptr;
  out += blockIdx.y * out_stride;
  line += blockIdx.y * delay_frames;
  const Frames places = min(frames, delay_frames);
  const Frames step = static_cast<Frames>(gridDim.x) * kBlock;
  for (Frames i = static_cast<Frames>(blockIdx.x) * kBlock + threadIdx.x; i < places; i += step) {
    const Frames place = position + i < delay_frames ? position + i : position + i - delay_frames;
    typename Unit::Stored delayed = line[place];
    for (Frames n = i; n < frames; n += delay_frames) {
      const float x = in ? in[n] : 0.0f;
      out[n] = unit.output(x, delayed);
      delayed = unit.store(x, delayed);
    }
    line[place] = delayed;
  }
}

// One block a channel; delay_frames < kShortFrames. The stage holds the line in the order of time
// and behind it what the stage's frames store, so frame n finds what leaves the line at place n.
// `line` is in the order of time too.
template <typename Unit>
__global__ void __launch_bounds__(kShortFrames)
    short_delay_kernel(Unit unit, const float* in, Frames in_stride, float* out, Frames out_stride,
                       Frames frames, typename Unit::Stored* line, int delay_frames) {
  using Stored = typename Unit::Stored;
  Stored* const stage = dyn_smem<Stored>();
  const int thread = static_cast<int>(threadIdx.x);
  in = in ? in + blockIdx.x * in_stride : nullptr;
  out += blockIdx.x * out_stride;
  line += blockIdx.x * static_cast<Frames>(delay_frames);
  if (thread < delay_frames) stage[thread] = line[thread];
  for (Frames first = 0; first < frames; first += kStageFrames) {
    const int count = static_cast<int>(min(static_cast<Frames>(kStageFrames), frames - first));
    for (int n = thread; n < count; n += kShortFrames)
      stage[delay_frames + n] = in ? in[first + n] : 0.0f;
    __syncthreads();
    if (unit.feeds_back() && thread < delay_frames) {
      Stored delayed = stage[thread];
      for (int n = thread; n < count; n += delay_frames)
        delayed = stage[delay_frames + n] = unit.store(stage[delay_frames + n], delayed);
    }
    __syncthreads();
    for (int n = thread; n < count; n += kShortFrames)
      out[first + n] = unit.output(in ? in[first + n] : 0.0f, stage[n]);
    const Stored kept = thread < delay_frames ? stage[count + thread] : Stored(0);
    __syncthreads();
    if (thread < delay_frames) stage[thread] = kept;
  }
  if (thread < delay_frames) line[thread] = stage[thread];
}

template <typename Unit>
void run(cudaStream_t stream, const Unit& unit, ConstDeviceBlock in, DeviceBlock out,
         typename Unit::Stored* line, Frames delay_frames, Frames position) {
  if (out.channels == 0 || out.frames == 0) return;
  const auto channels = static_cast<unsigned>(out.channels);
  if (delay_frames == 0) {
    launch(direct_kernel<Unit>, {blocks_for(out.frames, kBlock), channels}, kBlock, 0, stream, unit,
           in.data, in.stride, out.data, out.stride, out.frames);
  } else if (delay_frames < kShortFrames) {
    const std::size_t stage_bytes = (kShortFrames + kStageFrames) * sizeof(typename Unit::Stored);
    launch(short_delay_kernel<Unit>, channels, kShortFrames, stage_bytes, stream, unit, in.data,
           in.stride, out.data, out.stride, out.frames, line, static_cast<int>(delay_frames));
  } else {
    const Frames places = std::min(out.frames, delay_frames);
    launch(long_delay_kernel<Unit>, {blocks_for(places, kBlock), channels}, kBlock, 0, stream, unit,
           in.data, in.stride, out.data, out.stride, out.frames, line, delay_frames, position);
  }
}

}  // namespace

void echo(cudaStream_t stream, const DelayDesign& design, ConstDeviceBlock in, DeviceBlock out,
          DeviceSpan<double> line, Frames position) {
  run(stream, Echo{design}, in, out, line.data(), design.delay_frames, position);
}

void shift(cudaStream_t stream, Frames delay_frames, ConstDeviceBlock in, DeviceBlock out,
           DeviceSpan<float> line, Frames position) {
  run(stream, Shift{}, in, out, line.data(), delay_frames, position);
}

}  // namespace tutti::cuda
