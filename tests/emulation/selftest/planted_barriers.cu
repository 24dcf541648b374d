// SPDX-License-Identifier: Apache-2.0
// Barriers of a block: missing, reached by some, reached at different places.
#include <cooperative_groups.h>

#include "tests/emulation/selftest/planted.hpp"

namespace tutti::cuda {
namespace {

namespace groups = cooperative_groups;

__global__ void missing_barrier(float* out) {
  __shared__ float row[128];
  row[threadIdx.x] = static_cast<float>(threadIdx.x);
  out[threadIdx.x] = row[(threadIdx.x + 1) % 128];
}

__global__ void missing_barrier_before_reuse(float* out) {
  __shared__ float row[64];
  float sum = 0.0F;
  for (unsigned round = 0; round < 3; ++round) {
    row[threadIdx.x] = static_cast<float>(round * 64 + threadIdx.x);
    __syncthreads();
    sum += row[63 - threadIdx.x];
  }
  out[threadIdx.x] = sum;
}

__global__ void barriers_in_two_branches(float* out) {
  if (threadIdx.x < 16) {
    __syncthreads();
  } else {
    __syncthreads();
  }
  out[threadIdx.x] = 1.0F;
}

__global__ void barrier_for_some(float* out) {
  if (threadIdx.x < 100) __syncthreads();
  out[threadIdx.x] = 1.0F;
}

__global__ void barrier_in_uneven_loop(float* out) {
  for (unsigned i = 0; i < 2 + threadIdx.x / 64; ++i) __syncthreads();
  out[threadIdx.x] = 1.0F;
}

__global__ void early_return(float* out, unsigned count) {
  if (threadIdx.x >= count) return;
  __syncthreads();
  out[threadIdx.x] = 1.0F;
}

// Right: a sum over the block by tiles, shuffles, votes, reductions and integer atomics.
__global__ void block_sum(float* out, unsigned count) {
  __shared__ int parts[8];
  __shared__ int total;
  const auto block = groups::this_thread_block();
  const auto warp = groups::tiled_partition<32>(block);
  int value = threadIdx.x < count ? static_cast<int>(threadIdx.x) : 0;
  for (unsigned delta = 16; delta > 0; delta /= 2) value += warp.shfl_down(value, delta);
  if (threadIdx.x == 0) total = 0;
  if (warp.thread_rank() == 0) parts[warp.meta_group_rank()] = value;
  block.sync();
  if (threadIdx.x < 32) {
    value = threadIdx.x < blockDim.x / 32 ? parts[threadIdx.x] : 0;
    const unsigned mask = __ballot_sync(0xffffffffU, value != 0);
    value = __reduce_add_sync(0xffffffffU, value);
    if (threadIdx.x == 0) atomicAdd(&total, value + static_cast<int>(mask));
  }
  block.sync();
  out[threadIdx.x] = static_cast<float>(total);
}

// Right: every thread of every block, none waiting.
__global__ void fill(float* out, unsigned count) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) out[i] = 1.0F;
}

}  // namespace

std::vector<Planted> planted_barriers() {
  return {
      {"RightFill", 0, [] { return output_of(fill, 2, 64, 0, 128, 128U); }},
      {"RightBlockSum", 0, [] { return output_of(block_sum, 1, 256, 0, 256, 250U); }},
      {"MissingBarrier", kPlainBuild | kThreadBuild | kMemoryBuild,
       [] { return output_of(missing_barrier, 1, 128, 0, 128); }},
      {"MissingBarrierBeforeReuse", kPlainBuild | kThreadBuild,
       [] { return output_of(missing_barrier_before_reuse, 1, 64, 0, 64); }},
      {"BarriersInTwoBranches", kEveryBuild,
       [] { return output_of(barriers_in_two_branches, 1, 32, 0, 32); }},
      {"BarrierForSome", kEveryBuild, [] { return output_of(barrier_for_some, 1, 128, 0, 128); }},
      {"BarrierInUnevenLoop", kEveryBuild,
       [] { return output_of(barrier_in_uneven_loop, 1, 128, 0, 128); }},
      {"EarlyReturnBeforeBarrier", kEveryBuild,
       [] { return output_of(early_return, 1, 128, 0, 128, 100U); }},
      {"BlockOfTooManyThreads", kEveryBuild, [] { return output_of(fill, 1, 2048, 0, 128, 128U); }},
      {"TooMuchSharedMemory", kEveryBuild,
       [] { return output_of(fill, 1, 32, 100 << 10, 128, 128U); }},
  };
}

}  // namespace tutti::cuda
