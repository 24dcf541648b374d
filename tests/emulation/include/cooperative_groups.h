// SPDX-License-Identifier: Apache-2.0
// The part of cooperative groups that a kernel may use: the block, and tiles of a warp.
#pragma once

#include "cuda_runtime.h"

namespace cooperative_groups {

class thread_block {
 public:
  void sync(cudacpu::Place place = cudacpu::Place::here()) const {
    cudacpu::block_barrier(false, place);
  }
  unsigned thread_rank() const { return cudacpu::linear_thread(); }
  unsigned size() const { return blockDim.x * blockDim.y * blockDim.z; }
  unsigned num_threads() const { return size(); }
  dim3 group_index() const { return blockIdx; }
  dim3 thread_index() const { return threadIdx; }
};

inline thread_block this_thread_block() { return {}; }

template <unsigned kSize>
class thread_block_tile {
  static_assert(kSize >= 1 && kSize <= 32 && (kSize & (kSize - 1)) == 0);
  static constexpr int kWidth = static_cast<int>(kSize);
  using Place = cudacpu::Place;

 public:
  unsigned thread_rank() const { return cudacpu::linear_thread() & (kSize - 1); }
  static constexpr unsigned size() { return kSize; }
  static constexpr unsigned num_threads() { return kSize; }
  unsigned meta_group_rank() const { return cudacpu::linear_thread() / kSize; }
  unsigned meta_group_size() const {
    return (blockDim.x * blockDim.y * blockDim.z + kSize - 1) / kSize;
  }

  void sync(Place place = Place::here()) const { __syncwarp(mask(), place); }
  template <typename T>
  T shfl(T value, int source, Place place = Place::here()) const {
    return __shfl_sync(mask(), value, source, kWidth, place);
  }
  template <typename T>
  T shfl_up(T value, unsigned delta, Place place = Place::here()) const {
    return __shfl_up_sync(mask(), value, delta, kWidth, place);
  }
  template <typename T>
  T shfl_down(T value, unsigned delta, Place place = Place::here()) const {
    return __shfl_down_sync(mask(), value, delta, kWidth, place);
  }
  template <typename T>
  T shfl_xor(T value, unsigned flip, Place place = Place::here()) const {
    return __shfl_xor_sync(mask(), value, static_cast<int>(flip), kWidth, place);
  }
  unsigned ballot(int predicate, Place place = Place::here()) const {
    return __ballot_sync(mask(), predicate, place) >> first_lane();
  }
  bool any(int predicate, Place place = Place::here()) const {
    return __any_sync(mask(), predicate, place) != 0;
  }
  bool all(int predicate, Place place = Place::here()) const {
    return __all_sync(mask(), predicate, place) != 0;
  }

 private:
  static unsigned first_lane() { return static_cast<unsigned>(cudacpu::lane()) & ~(kSize - 1); }
  static unsigned mask() {
    if constexpr (kSize == 32) {
      return 0xffffffffU;
    } else {
      return ((1U << kSize) - 1U) << first_lane();
    }
  }
};

template <unsigned kSize>
thread_block_tile<kSize> tiled_partition(const thread_block&) {
  return {};
}

}  // namespace cooperative_groups
