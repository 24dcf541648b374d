// SPDX-License-Identifier: Apache-2.0
#include "kernels/gain.hpp"

#include "host/backend/lanes.hpp"
#include "host/dsp/glide.hpp"
#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

constexpr int kBlock = 256;
constexpr int kFramesPerThread = 8;

// One row of blocks a lane, neighbouring threads on neighbouring frames. 8 bytes and 2 operations a
// sample (4 in a glide); no state.
__global__ void __launch_bounds__(kBlock)
    gain_kernel(float* signal, Frames frames, Frames stride, int channels,
                const StripGain* __restrict__ strips, const GainSegment* __restrict__ segments) {
  const StripGain strip = strips[blockIdx.y / static_cast<unsigned>(channels)];
  float* x = signal + blockIdx.y * stride;
  const Frames step = static_cast<Frames>(gridDim.x) * kBlock;
  for (Frames n = static_cast<Frames>(blockIdx.x) * kBlock + threadIdx.x; n < frames; n += step) {
    float gain = strip.gain;
    if (strip.segments >= 0) {
      const GainSegment line = segments[strip.segments + n / kControlFrames];
      const Frames left = kControlFrames - 1 - n % kControlFrames;
      gain = glide_gain(line.target, line.step, static_cast<float>(left));
    }
    x[n] *= fma(strip.mix, gain, 1.0f - strip.mix);
  }
}

}  // namespace

void apply_gains(cudaStream_t stream, DeviceSpan<const StripGain> strips,
                 DeviceSpan<const GainSegment> segments, int channels, DeviceBlock signal) {
  if (signal.channels == 0 || signal.frames == 0) return;
  const dim3 grid(blocks_for(signal.frames, kBlock * kFramesPerThread),
                  static_cast<unsigned>(signal.channels));
  launch(gain_kernel, grid, kBlock, 0, stream, signal.data, signal.frames, signal.stride, channels,
         strips.data(), segments.data());
}

}  // namespace tutti::cuda
