// SPDX-License-Identifier: Apache-2.0
// cudacpu: the part of cooperative groups a kernel of this project may use (block, warp tiles,
// reduce by shuffle)
#pragma once
#include "cuda_runtime.h"
namespace cooperative_groups {
struct thread_block {
  void sync(CUDACPU_HERE) const { cudacpu::block_barrier(0, file_, line_); }
  unsigned thread_rank() const { return cudacpu::linear_tid(); }
  unsigned size() const { return blockDim.x * blockDim.y * blockDim.z; }
  unsigned num_threads() const { return size(); }
  dim3 group_index() const { return blockIdx; }
  dim3 thread_index() const { return threadIdx; }
};
inline thread_block this_thread_block() { return {}; }
template <unsigned N>
struct thread_block_tile {
  static_assert(N >= 1 && N <= 32 && (N & (N - 1)) == 0);
  unsigned mask() const {
    return N == 32 ? 0xffffffffu : ((1u << N) - 1u) << (cudacpu::lane() & ~(N - 1));
  }
  void sync(CUDACPU_HERE) const { __syncwarp(mask(), file_, line_); }
  unsigned thread_rank() const { return cudacpu::linear_tid() & (N - 1); }
  static constexpr unsigned size() { return N; }
  static constexpr unsigned num_threads() { return N; }
  unsigned meta_group_rank() const { return cudacpu::linear_tid() / N; }
  unsigned meta_group_size() const { return (blockDim.x * blockDim.y * blockDim.z + N - 1) / N; }
  template <class T>
  T shfl(T v, int s, CUDACPU_HERE) const {
    return __shfl_sync(mask(), v, s, N, file_, line_);
  }
  template <class T>
  T shfl_up(T v, unsigned d, CUDACPU_HERE) const {
    return __shfl_up_sync(mask(), v, d, N, file_, line_);
  }
  template <class T>
  T shfl_down(T v, unsigned d, CUDACPU_HERE) const {
    return __shfl_down_sync(mask(), v, d, N, file_, line_);
  }
  template <class T>
  T shfl_xor(T v, unsigned x, CUDACPU_HERE) const {
    return __shfl_xor_sync(mask(), v, x, N, file_, line_);
  }
  unsigned ballot(int p, CUDACPU_HERE) const {
    return __ballot_sync(mask(), p, file_, line_) >> (cudacpu::lane() & ~(N - 1));
  }
  bool any(int p, CUDACPU_HERE) const { return __any_sync(mask(), p, file_, line_); }
  bool all(int p, CUDACPU_HERE) const { return __all_sync(mask(), p, file_, line_); }
};
template <unsigned N>
thread_block_tile<N> tiled_partition(const thread_block&) {
  return {};
}
}  // namespace cooperative_groups
