// SPDX-License-Identifier: Apache-2.0
// How the threads of a block share a chunk of kScanFrames frames of one lane, a run of 16 frames
// each, and how a recurrence crosses from run to run.
#pragma once

#include "host/dsp/biquad.hpp"
#include "host/dsp/smoother.hpp"
#include "kernels/lane_dynamics.hpp"

namespace tutti::cuda {

inline constexpr int kChunkFrames = static_cast<int>(kScanFrames);
inline constexpr int kChunkThreads = kChunkFrames / kRunFrames;
inline constexpr int kChunkWarps = kChunkThreads / 32;
/// Blocks of a multiprocessor at once: 64 registers a thread, which all kernels fit without spills.
inline constexpr int kChunkBlocks = 4;
inline constexpr unsigned kWholeWarp = 0xFFFFFFFFu;

/// Samples of a chunk have one float of padding a run, so that neither runs nor neighbouring frames
/// meet in a bank. A thread works on its run there, in place: 16 registers less.
inline constexpr int kPaddedFrames = kChunkFrames + kChunkThreads;
__device__ inline int padded(int frame) { return frame + frame / kRunFrames; }

/// Shared memory of a block.
struct ChunkMemory {
  float samples[kPaddedFrames];
  float loudest[kPaddedFrames];
  MaxAffineMap peaks[kChunkWarps];
  AffineMap affine[kChunkWarps];
  BiquadState filters[kChunkWarps];
  int latest[kChunkWarps];
};

/// The thread's frames of `samples` or `loudest`.
__device__ inline float* run_of(float (&samples)[kPaddedFrames]) {
  return samples + padded(static_cast<int>(threadIdx.x) * kRunFrames);
}

/// Where in a tile the chunk lies, and what part of it is the thread's.
struct Chunk {
  Frames first;  ///< in the tile
  int frames;    ///< ≤ kChunkFrames
  int active;    ///< frames of this thread's run
  bool last;     ///< this thread has the chunk's last frame

  __device__ Chunk(Frames first_frame, Frames tile_frames) : first(first_frame) {
    frames = static_cast<int>(min(static_cast<Frames>(kChunkFrames), tile_frames - first_frame));
    active = max(0, min(kRunFrames, frames - run_start()));
    last = active > 0 && run_start() + active == frames;
  }
  __device__ static int run_start() { return static_cast<int>(threadIdx.x) * kRunFrames; }
};

/// Frames in memory → samples; 0 past the end. All threads; begins without and ends with a barrier.
__device__ inline void load_samples(const float* from, const Chunk& chunk, ChunkMemory& memory) {
#pragma unroll 4
  for (int k = 0; k < kRunFrames; ++k) {
    const int i = k * kChunkThreads + static_cast<int>(threadIdx.x);
    memory.samples[padded(i)] = i < chunk.frames ? from[chunk.first + i] : 0.0f;
  }
  __syncthreads();
}

__device__ inline double shuffle_up(double x, int by) { return __shfl_up_sync(kWholeWarp, x, by); }
__device__ inline int shuffle_up(int x, int by) { return __shfl_up_sync(kWholeWarp, x, by); }
__device__ inline AffineMap shuffle_up(const AffineMap& m, int by) {
  return {shuffle_up(m.a, by), shuffle_up(m.b, by)};
}
__device__ inline MaxAffineMap shuffle_up(const MaxAffineMap& m, int by) {
  return {shuffle_up(m.a, by), shuffle_up(m.b, by), shuffle_up(m.c, by)};
}
__device__ inline BiquadState shuffle_up(const BiquadState& s, int by) {
  return {shuffle_up(s.s1, by), shuffle_up(s.s2, by)};
}

/// Maps of runs without frames. That of a maximum may only be the second of a composition: its c
/// stands for −∞, which times 0 would not be a number.
__device__ inline AffineMap no_affine() { return {1.0, 0.0}; }
__device__ inline MaxAffineMap no_peaks() { return {1.0, 0.0, -1e300}; }

/// The state with which the thread enters its run: `own` is the map of its run, `entry` the state
/// of the chunk. Maps compose within a warp in a tree; warps follow each other in order. `totals`:
/// one for each warp. All threads; ends with a barrier.
template <typename Map>
__device__ inline double enter_run(const Map& own, double entry, Map* totals) {
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  Map inclusive = own;
#pragma unroll
  for (int by = 1; by < 32; by *= 2) {
    const Map before = shuffle_up(inclusive, by);
    if (lane >= by) inclusive = compose(inclusive, before);
  }
  const Map exclusive = shuffle_up(inclusive, 1);
  if (lane == 31) totals[warp] = inclusive;
  __syncthreads();
  double state = entry;
  for (int w = 0; w < warp; ++w) state = apply(totals[w], state);
  if (lane > 0) state = apply(exclusive, state);
  __syncthreads();
  return state;
}

/// The largest number that any earlier run or the entry has. All threads; ends with a barrier.
__device__ inline int latest_before(int own, int entry, int* totals) {
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  int inclusive = own;
#pragma unroll
  for (int by = 1; by < 32; by *= 2) inclusive = max(inclusive, shuffle_up(inclusive, by));
  const int exclusive = shuffle_up(inclusive, 1);
  if (lane == 31) totals[warp] = inclusive;
  __syncthreads();
  int latest = entry;
  for (int w = 0; w < warp; ++w) latest = max(latest, totals[w]);
  if (lane > 0) latest = max(latest, exclusive);
  __syncthreads();
  return latest;
}

}  // namespace tutti::cuda
