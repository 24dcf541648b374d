// SPDX-License-Identifier: Apache-2.0
// Sums over the threads of a block in a fixed tree.
#pragma once

#include <cuda_runtime.h>

namespace tutti::cuda {

/// Σ over the warp, in lane 0: pairs 16 apart, then 8, …
__device__ inline double warp_sum(double value) {
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2)
    value += __shfl_down_sync(0xffffffffU, value, distance);
  return value;
}

/// Σ over a block of 32 · kWarps threads, in thread 0: warps as above, then one after the other.
/// `shared` has room for kWarps values; it may be used again after a barrier.
template <int kWarps>
__device__ double block_sum(double value, double* shared) {
  const double warp = warp_sum(value);
  if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = warp;
  __syncthreads();
  double sum = 0;
  if (threadIdx.x == 0)
    for (int w = 0; w < kWarps; ++w) sum += shared[w];
  return sum;
}

}  // namespace tutti::cuda
