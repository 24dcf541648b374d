// SPDX-License-Identifier: Apache-2.0
// The end of every dynamics op: the audio, delayed by the look-ahead, times its gain.
#pragma once

#include "kernels/lane_chunk.cuh"
#include "kernels/lane_detector.cuh"

namespace tutti::cuda {

/// mix·gain + (1 − mix).
__device__ inline float mixed_gain(float mix, float gain) { return fmaf(mix, gain, 1.0f - mix); }

/// Channel `c` of the strip times the gains in `samples`, in place. The ring of the look-ahead
/// holds the last `delay_frames` frames before the chunk, frame n of the tile at (delay_position +
/// n) mod delay_frames. All threads; begins and ends with a barrier.
__device__ inline void apply_gains(const StripWork& work, const Chunk& chunk, int c,
                                   ChunkMemory& memory) {
  float* signal = work.signal + c * work.geometry.signal_stride + chunk.first;
  const int delay = work.geometry.delay_frames;
  __syncthreads();
  if (delay == 0) {
#pragma unroll 4
    for (int k = 0; k < kRunFrames; ++k) {
      const int i = k * kChunkThreads + static_cast<int>(threadIdx.x);
      if (i < chunk.frames) signal[i] *= memory.samples[padded(i)];
    }
  } else {
    float* ring = work.delay + static_cast<Frames>(c) * delay;
    const int at = static_cast<int>((work.geometry.delay_position + chunk.first) % delay);
    float delayed[kRunFrames];
#pragma unroll
    for (int k = 0; k < kRunFrames; ++k) {
      const int i = k * kChunkThreads + static_cast<int>(threadIdx.x);
      if (i < chunk.frames) delayed[k] = i < delay ? ring[(at + i) % delay] : signal[i - delay];
    }
    __syncthreads();  // everything is read: the ring and the signal may be written
#pragma unroll
    for (int k = 0; k < kRunFrames; ++k) {
      const int i = k * kChunkThreads + static_cast<int>(threadIdx.x);
      if (i < chunk.frames) {
        if (i >= chunk.frames - delay) ring[(at + i) % delay] = signal[i];
        signal[i] = delayed[k] * memory.samples[padded(i)];
      }
    }
  }
  __syncthreads();
}

}  // namespace tutti::cuda
