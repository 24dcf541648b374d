// SPDX-License-Identifier: Apache-2.0
// Inside a kernel: which thread this is, and what stops it for the others of its block.
#pragma once

#include "emulated/hooks.h"

extern uint3 threadIdx;
extern uint3 blockIdx;
extern dim3 blockDim;
extern dim3 gridDim;
inline constexpr int warpSize = 32;

namespace cudacpu {

/// This thread's number in its block, x fastest.
inline unsigned linear_thread() {
  return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
}
inline int lane() { return static_cast<int>(linear_thread() & 31U); }

}  // namespace cudacpu

inline void __syncthreads(cudacpu::Place place = cudacpu::Place::here()) {
  cudacpu::block_barrier(false, place);
}
inline int __syncthreads_count(int predicate, cudacpu::Place place = cudacpu::Place::here()) {
  return cudacpu::block_barrier(predicate != 0, place);
}
inline int __syncthreads_or(int predicate, cudacpu::Place place = cudacpu::Place::here()) {
  return cudacpu::block_barrier(predicate != 0, place) != 0;
}
inline int __syncthreads_and(int predicate, cudacpu::Place place = cudacpu::Place::here()) {
  return cudacpu::block_barrier(predicate == 0, place) == 0;
}

inline void __threadfence() { cudacpu::memory_fence(); }
inline void __threadfence_block() { cudacpu::memory_fence(); }
inline void __threadfence_system() { cudacpu::memory_fence(); }
#define __trap() cudacpu::device_trap({__FILE__, __LINE__})
