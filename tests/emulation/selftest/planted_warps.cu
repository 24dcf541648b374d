// SPDX-License-Identifier: Apache-2.0
// Warp operations: wrong masks, lanes that do not come, memory that they do not order.
#include "tests/emulation/selftest/planted.hpp"

namespace tutti::cuda {
namespace {

__global__ void shuffle_by_half_a_warp(float* out) {
  float value = static_cast<float>(threadIdx.x);
  if (threadIdx.x % 32 < 16) value = __shfl_down_sync(0xffffffffU, value, 1);
  out[threadIdx.x] = value;
}

__global__ void shuffle_outside_own_mask(float* out) {
  out[threadIdx.x] = __shfl_xor_sync(0x0000ffffU, static_cast<float>(threadIdx.x), 1);
}

__global__ void shuffle_from_absent_lane(float* out) {
  out[threadIdx.x] = 0.0F;
  if (threadIdx.x < 16) {
    out[threadIdx.x] = __shfl_sync(0x0000ffffU, static_cast<float>(threadIdx.x), 20);
  }
}

__global__ void shuffles_in_two_branches(float* out) {
  float value = static_cast<float>(threadIdx.x);
  if (threadIdx.x % 2 != 0) {
    value = __shfl_sync(0xffffffffU, value, 0);
  } else {
    value = __shfl_xor_sync(0xffffffffU, value, 1);
  }
  out[threadIdx.x] = value;
}

__global__ void missing_warp_barrier(float* out) {
  __shared__ float row[32];
  row[threadIdx.x] = static_cast<float>(threadIdx.x);
  __shfl_sync(0xffffffffU, 0, 0);  // brings the lanes together, and orders no memory
  out[threadIdx.x] = row[31 - threadIdx.x];
}

__global__ void warp_barrier(float* out) {
  __shared__ float row[32];
  row[threadIdx.x] = static_cast<float>(threadIdx.x);
  __syncwarp();
  out[threadIdx.x] = row[31 - threadIdx.x];
}

}  // namespace

std::vector<Planted> planted_warps() {
  return {
      {"RightWarpBarrier", 0, [] { return output_of(warp_barrier, 1, 32, 0, 32); }},
      {"ShuffleByHalfAWarp", kPlainBuild | kAddressBuild | kThreadBuild,
       [] { return output_of(shuffle_by_half_a_warp, 1, 32, 0, 32); }},
      {"ShuffleOutsideOwnMask", kEveryBuild,
       [] { return output_of(shuffle_outside_own_mask, 1, 32, 0, 32); }},
      {"ShuffleFromAbsentLane", kPlainBuild | kAddressBuild | kThreadBuild,
       [] { return output_of(shuffle_from_absent_lane, 1, 32, 0, 32); }},
      {"ShufflesInTwoBranches", kEveryBuild,
       [] { return output_of(shuffles_in_two_branches, 1, 32, 0, 32); }},
      {"MissingWarpBarrier", kThreadBuild,
       [] { return output_of(missing_warp_barrier, 1, 32, 0, 32); }},
  };
}

}  // namespace tutti::cuda
