// SPDX-License-Identifier: Apache-2.0
// The interpolator inside kernels: a block of threads looks at one stretch of one channel and
// computes 16 phases only at those of its positions whose bound is above a level.
#pragma once

#include <cuda_runtime.h>

#include <cfloat>

#include "host/audio/units.hpp"
#include "kernels/true_peak_table.hpp"

namespace tutti::cuda {

/// Positions of a block, one to a thread.
inline constexpr int kPeakPositions = 256;
/// Samples under their filters.
inline constexpr int kPeakSamples = kPeakPositions + kTruePeakTaps - 1;

/// Shared memory of one block.
struct PeakWindow {
  float x[kPeakSamples];  ///< x[i]: sample i − 31 of the first position's
  unsigned high, bend;    ///< bits of max |x| and max |second difference|
  int count;              ///< of candidates
  int candidates[kPeakPositions];
  unsigned
      found[kPeakPositions];  ///< bits of the true peak of each position; 0: not above the level
};

/// Row `row` of a ring: samples [first − 31, end) of the window, zero from `end` on.
__device__ inline void load_window(PeakWindow& window, const float* row, Frames mask, Frames first,
                                   Frames end) {
  const int thread = static_cast<int>(threadIdx.x);
  for (int i = thread; i < kPeakSamples; i += kPeakPositions) {
    const Frames n = first - (kTruePeakReach - 1) + i;
    window.x[i] = n < end ? row[n & mask] : 0.0F;
  }
  window.found[thread] = 0;
  if (thread == 0) {
    window.high = 0;
    window.bend = 0;
    window.count = 0;
  }
  __syncthreads();
}

/// max |x| and max |x[m] − 2x[m−1] + x[m−2]| of the window, to all threads by way of shared memory.
__device__ inline void summarise(PeakWindow& window) {
  const int thread = static_cast<int>(threadIdx.x);
  float high = 0, bend = 0;
  for (int i = thread; i < kPeakSamples; i += kPeakPositions) {
    const float x = window.x[i];
    high = fmaxf(high, fabsf(x));
    if (i < 2) continue;
    const float old = window.x[i - 1];
    bend = fmaxf(bend, fabsf((x - old) - (old - window.x[i - 2])));
  }
  const unsigned warp_high = __reduce_max_sync(0xffffffffU, __float_as_uint(high));
  const unsigned warp_bend = __reduce_max_sync(0xffffffffU, __float_as_uint(bend));
  if (thread % 32 == 0) {
    atomicMax(&window.high, warp_high);
    atomicMax(&window.bend, warp_bend);
  }
  __syncthreads();
}

/// The smallest of the bounds of TruePeakDesign on one position; x points at its own sample.
__device__ inline float position_bound(const TruePeakTable& table, const float* x, float high,
                                       float bend) {
  const float left = fabsf(x[0]), right = fabsf(x[1]);
  const float top = fmaxf(left, right);
  float near = fmaf(table.overlap, fminf(left, right), top);
  near = fmaf(table.far, high, near);
#pragma unroll
  for (int j = 1; j < kTruePeakNearPairs; ++j)
    near = fmaf(table.pair[j], fabsf(x[-j]) + fabsf(x[1 + j]), near);
  return fminf(near, top + fmaf(table.bend, bend, table.tilt * high));
}

/// |y| of one phase of a position, whose first tap falls on x[0]. Samples near the largest float
/// may overflow on the way; what is not below it becomes it.
__device__ inline float phase_magnitude(const float* __restrict__ taps, const float* x, int phase) {
  float even = 0, odd = 0;
#pragma unroll 8
  for (int k = 0; k < kTruePeakTaps; k += 2) {
    even = fmaf(taps[k * kTruePeakPhases + phase], x[k], even);
    odd = fmaf(taps[(k + 1) * kTruePeakPhases + phase], x[k + 1], odd);
  }
  const float y = fabsf(even + odd);
  return y < FLT_MAX ? y : FLT_MAX;
}

/// After load_window: found[i] is the true peak of position i < positions where its bound is above
/// `level` (of this thread's position). All threads of the block take part. Candidates are listed
/// in any order, 16 of them at a time share the block, one phase to a thread; maxima do not mind.
__device__ inline void interpolate_above(PeakWindow& window,
                                         const TruePeakTable* __restrict__ table, int positions,
                                         float level) {
  const int thread = static_cast<int>(threadIdx.x);
  summarise(window);
  const float high = __uint_as_float(window.high);
  if (thread < positions && table->sum * high > level) {
    const float* x = window.x + kTruePeakReach - 1 + thread;
    if (position_bound(*table, x, high, __uint_as_float(window.bend)) > level)
      window.candidates[atomicAdd(&window.count, 1)] = thread;
  }
  __syncthreads();
  constexpr int kAtOnce = kPeakPositions / kTruePeakPhases;
  const int phase = thread % kTruePeakPhases;
  for (int i = thread / kTruePeakPhases; i < window.count; i += kAtOnce) {
    const int position = window.candidates[i];
    const float y = phase_magnitude(table->taps, window.x + position, phase);
    atomicMax(&window.found[position], __float_as_uint(y));
  }
  __syncthreads();
}

}  // namespace tutti::cuda
