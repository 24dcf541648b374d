// SPDX-License-Identifier: Apache-2.0
// What the dynamics listen to: signal or key, filtered, as a magnitude or a mean square, linked
// over the channels of a strip.
#pragma once

#include "kernels/lane_chunk.cuh"
#include "kernels/lane_dynamics.hpp"

namespace tutti::cuda {

/// One strip's part of a launch. Pointers are at its first lane.
struct StripWork {
  const DynamicsGeometry& geometry;
  const StripDetector& detector;
  DetectorState* detector_states;
  float* signal;
  const float* heard;
  float* levels;
  float* delay;

  __device__ StripWork(const DynamicsGeometry& shape, const StripDetector* detectors,
                       DetectorState* states, float* signals, const float* keys, float* scratch,
                       float* rings)
      : geometry(shape), detector(detectors[blockIdx.x]) {
    const Frames lane = static_cast<Frames>(blockIdx.x) * shape.channels;
    detector_states = states + lane;
    signal = signals + lane * shape.signal_stride;
    heard = keys + lane * shape.heard_stride;
    levels = shape.channels > 1 ? scratch + lane * kChunkFrames : scratch;
    delay = rings + lane * shape.delay_frames;
  }
};

/// The segment that holds at a frame.
template <class Segment>
__device__ inline const Segment& segment_at(const Segment* segments, int count, Frames frame) {
  int low = 0;
  for (int high = count; high - low > 1;) {
    const int middle = (low + high) / 2;
    (segments[middle].frame <= frame ? low : high) = middle;
  }
  return segments[low];
}

__device__ inline BiquadState advance(const double (&m)[4], const BiquadState& s,
                                      const BiquadState& plus) {
  return {fma(m[0], s.s1, fma(m[1], s.s2, plus.s1)), fma(m[2], s.s1, fma(m[3], s.s2, plus.s2))};
}

/// The state in which a filter enters the thread's run, by what the run adds to it from rest.
__device__ inline BiquadState enter_run(const StripDetector& detector, BiquadState own,
                                        const BiquadState& entry, BiquadState* totals) {
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
#pragma unroll
  for (int k = 0; k < 5; ++k) {
    const BiquadState before = shuffle_up(own, 1 << k);
    if (lane >= 1 << k) own = advance(detector.filter_powers[k], before, own);
  }
  const BiquadState exclusive = shuffle_up(own, 1);
  if (lane == 31) totals[warp] = own;
  __syncthreads();
  BiquadState state = entry;
  for (int w = 0; w < warp; ++w) state = advance(detector.filter_powers[5], state, totals[w]);
#pragma unroll
  for (int k = 0; k < 5; ++k)
    if (lane >> k & 1) state = advance(detector.filter_powers[k], state, {0.0, 0.0});
  if (lane > 0) state = {state.s1 + exclusive.s1, state.s2 + exclusive.s2};
  __syncthreads();
  return state;
}

/// In place, each output rounded to float.
__device__ inline void filter_run(const StripDetector& detector, const Chunk& chunk,
                                  DetectorState& kept, ChunkMemory& memory) {
  float* run = run_of(memory.samples);
  const BiquadDesign design = detector.key_filter;
  BiquadState state{0.0, 0.0};
#pragma unroll 4
  for (int j = 0; j < kRunFrames; ++j) biquad_step(design, state, run[j]);
  state = enter_run(detector, state, kept.filter, memory.filters);
#pragma unroll 4
  for (int j = 0; j < chunk.active; ++j)
    run[j] = static_cast<float>(biquad_step(design, state, run[j]));
  if (chunk.last) kept.filter = state;
}

/// In place: the one-pole mean of the squares.
__device__ inline void mean_square_run(double pole, const Chunk& chunk, DetectorState& kept,
                                       ChunkMemory& memory) {
  float* run = run_of(memory.samples);
  const SmootherPoles poles{pole, 1.0 - pole, 0.0, 1.0};
  AffineMap map = no_affine();
#pragma unroll 4
  for (int j = 0; j < chunk.active; ++j) {
    const double x = run[j];
    map = compose(attack_map(poles, x * x), map);
  }
  double state = enter_run(map, kept.mean_square, memory.affine);
#pragma unroll 4
  for (int j = 0; j < chunk.active; ++j) {
    const double x = run[j];
    state = attack_step(poles, state, x * x);
    run[j] = static_cast<float>(state);
  }
  if (chunk.last) kept.mean_square = state;
}

/// What the channels of the strip hear: of the only channel, with its sign, in `samples`; of
/// several as magnitudes in the scratch, and the loudest of them in `loudest`. All threads; begins
/// without a barrier, and each thread goes on with its own run.
__device__ inline void hear(const StripWork& work, const Chunk& chunk, ChunkMemory& memory) {
  const int channels = work.geometry.channels;
  for (int c = 0; c < channels; ++c) {
    load_samples(work.heard + c * work.geometry.heard_stride, chunk, memory);
    DetectorState& kept = work.detector_states[c];
    if (work.detector.has_key_filter) filter_run(work.detector, chunk, kept, memory);
    if (work.detector.rms_pole > 0) mean_square_run(work.detector.rms_pole, chunk, kept, memory);
    if (channels == 1) return;
    const float* run = run_of(memory.samples);
    float* loudest = run_of(memory.loudest);
    float* scratch = work.levels + c * kChunkFrames + threadIdx.x;
#pragma unroll 4
    for (int j = 0; j < kRunFrames; ++j) {
      const float own = fabsf(run[j]);
      loudest[j] = c == 0 ? own : fmaxf(loudest[j], own);
      scratch[j * kChunkThreads] = own;
    }
    __syncthreads();  // the samples are free
  }
}

/// The level that drives channel `c`, into the samples of the thread's run.
__device__ inline void link(const StripWork& work, int c, float share, float silence,
                            ChunkMemory& memory) {
  if (work.geometry.channels == 1) return;
  float* run = run_of(memory.samples);
  const float* loudest = run_of(memory.loudest);
  const float* scratch = work.levels + c * kChunkFrames + threadIdx.x;
#pragma unroll 4
  for (int j = 0; j < kRunFrames; ++j)
    run[j] = linked_level(scratch[j * kChunkThreads], loudest[j], share, silence);
}

}  // namespace tutti::cuda
