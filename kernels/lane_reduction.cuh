// SPDX-License-Identifier: Apache-2.0
// Compressor and expander: level → static curve → ballistics → gain, a strip to a block, chunk
// after chunk. Only the curve and the direction of the peaks differ.
#pragma once

#include "kernels/lane_apply.cuh"
#include "kernels/lane_detector.cuh"

namespace tutti::cuda {

/// Which of the two. `kSign`: the smoothers see the reduction times it.
struct ExpanderRules {
  static constexpr bool kBelow = true, kMeanSquare = false, kBranching = false;
  static constexpr float kSign = -1;
};
template <bool kRms, bool kBranches>
struct CompressorRules {
  static constexpr bool kBelow = false, kMeanSquare = kRms, kBranching = kBranches;
  static constexpr float kSign = 1;
};

/// Decoupled smoothing of the thread's run, in place: peaks with the release as a scan of
/// max-affine maps, then the attack as a scan of affine ones.
__device__ inline void smooth_decoupled(const SmootherPoles& poles, const Chunk& chunk,
                                        ReductionState& kept, ChunkMemory& memory) {
  float* run = run_of(memory.samples);
  MaxAffineMap peaks = chunk.active > 0 ? peak_map(poles, run[0]) : no_peaks();
#pragma unroll 4
  for (int j = 1; j < chunk.active; ++j) peaks = compose(peak_map(poles, run[j]), peaks);
  const double entered = enter_run(peaks, kept.held, memory.peaks);
  double held = entered;
  AffineMap map = no_affine();
#pragma unroll 4
  for (int j = 0; j < chunk.active; ++j) {
    held = peak_step(poles, held, run[j]);
    map = compose(attack_map(poles, held), map);
  }
  double smoothed = enter_run(map, kept.smoothed, memory.affine);
  held = entered;
#pragma unroll 4
  for (int j = 0; j < chunk.active; ++j) {
    held = peak_step(poles, held, run[j]);
    smoothed = attack_step(poles, smoothed, held);
    run[j] = static_cast<float>(smoothed);
  }
  if (chunk.last) kept = {held, smoothed};
}

/// Branching smoothing, whose steps do not compose into few pieces: one thread walks through the
/// chunk, run by run, while the blocks of other strips keep the device busy. In place.
__device__ inline void smooth_branching(const ReductionSegment* segments, int count,
                                        const Chunk& chunk, ReductionState& kept,
                                        ChunkMemory& memory) {
  __syncthreads();
  if (threadIdx.x == 0) {
    double smoothed = kept.smoothed;
    for (int first = 0; first < chunk.frames; first += kRunFrames) {
      const SmootherPoles poles = segment_at(segments, count, chunk.first + first).poles;
      float* x = memory.samples + padded(first);
      const int frames = min(kRunFrames, chunk.frames - first);
#pragma unroll 4
      for (int j = 0; j < frames; ++j) {
        smoothed = branching_step(poles, smoothed, x[j]);
        x[j] = static_cast<float>(smoothed);
      }
    }
    kept.smoothed = smoothed;
  }
  __syncthreads();
}

/// The make-up at `frame`: a line over the first kControlFrames frames of its segment.
__device__ inline float makeup_at(const ReductionSegment& segment, int frame) {
  const int left = max(static_cast<int>(kControlFrames) - 1 - (frame - segment.frame), 0);
  return segment.makeup - segment.makeup_step * static_cast<float>(left);
}

template <class Rules>
__device__ inline void reduce_strip(const StripWork& work, const ReductionSegment* segments,
                                    int count, ReductionState* states, ChunkMemory& memory) {
  constexpr float kSilent = Rules::kMeanSquare ? kSilentMeanSquare : kSilentMagnitude;
  float* run = run_of(memory.samples);
  for (Frames first = 0; first < work.geometry.frames; first += kChunkFrames) {
    const Chunk chunk(first, work.geometry.frames);
    const int start = static_cast<int>(first) + Chunk::run_start();
    const ReductionSegment& segment = segment_at(segments, count, start);
    hear(work, chunk, memory);
    for (int c = 0; c < work.geometry.channels; ++c) {
      link(work, c, segment.link, kSilent, memory);
      const CurveShape curve = segment.curve;
#pragma unroll 4
      for (int j = 0; j < kRunFrames; ++j)
        run[j] = Rules::kSign * reduction_log2<Rules::kBelow, Rules::kMeanSquare>(curve, run[j]);
      if constexpr (Rules::kBranching) {
        smooth_branching(segments, count, chunk, states[c], memory);
      } else {
        smooth_decoupled(segment.poles, chunk, states[c], memory);
      }
#pragma unroll 4
      for (int j = 0; j < kRunFrames; ++j) {
        const float gain = fast_exp2_negative(Rules::kSign * run[j]);
        run[j] = mixed_gain(work.detector.mix, gain * makeup_at(segment, start + j));
      }
      apply_gains(work, chunk, c, memory);
    }
  }
}

}  // namespace tutti::cuda
