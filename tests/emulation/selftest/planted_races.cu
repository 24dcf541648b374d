// SPDX-License-Identifier: Apache-2.0
// Races on global memory, within a block and between blocks.
#include "tests/emulation/selftest/planted.hpp"

namespace tutti::cuda {
namespace {

__global__ void read_the_next_block(float* out, float* between) {
  if (threadIdx.x == 0) between[blockIdx.x] = static_cast<float>(blockIdx.x);
  out[blockIdx.x * blockDim.x + threadIdx.x] = between[(blockIdx.x + 1) % gridDim.x];
}

__global__ void add_floats_atomically(float* out) {
  atomicAdd(out, 1.0F / static_cast<float>(1 + threadIdx.x + blockIdx.x * 37));
}

__global__ void share_a_flag(float* out, int* flag) {
  if (threadIdx.x == 5) *flag = 1;
  out[threadIdx.x] = static_cast<float>(*flag);
}

// The last block to finish sums what all of them wrote: right with fences, else a race.
__global__ void last_block_sums(float* out, float* parts, unsigned* tickets, bool fenced) {
  __shared__ bool last;
  if (threadIdx.x == 0) {
    parts[blockIdx.x] = static_cast<float>(blockIdx.x) * 2.0F;
    if (fenced) __threadfence();
    last = atomicInc(tickets, gridDim.x - 1) == gridDim.x - 1;
    if (fenced) __threadfence();
  }
  __syncthreads();
  if (!last || threadIdx.x > 0) return;
  float sum = 0.0F;
  for (unsigned i = 0; i < gridDim.x; ++i) sum += parts[i];
  *out = sum;
}

std::vector<float> read_between_blocks() {
  const Stream stream;
  const DeviceBuffer<float> between(stream, 8);
  clear(stream, between.span());
  stream.synchronize();
  return output_of(read_the_next_block, 8, 32, 0, 256, between.data());
}

std::vector<float> race_on_a_flag() {
  const Stream stream;
  const DeviceBuffer<int> flag(stream, 1);
  clear(stream, flag.span());
  stream.synchronize();
  return output_of(share_a_flag, 1, 32, 0, 32, flag.data());
}

std::vector<float> sum_in_the_last_block(bool fenced) {
  const Stream stream;
  const DeviceBuffer<float> parts(stream, 8);
  const DeviceBuffer<unsigned> tickets(stream, 1);
  clear(stream, tickets.span());
  stream.synchronize();
  return output_of(last_block_sums, 8, 32, 0, 1, parts.data(), tickets.data(), fenced);
}

}  // namespace

std::vector<Planted> planted_races() {
  return {
      {"RightLastBlockWithFence", 0, [] { return sum_in_the_last_block(true); }},
      {"LastBlockWithoutFence", kThreadBuild, [] { return sum_in_the_last_block(false); }},
      {"RaceBetweenBlocks", kPlainBuild | kThreadBuild, read_between_blocks},
      {"FloatsAddedAtomically", kEveryBuild,
       [] { return output_of(add_floats_atomically, 8, 64, 0, 1); }},
      {"RaceOnAFlag", kPlainBuild | kThreadBuild, race_on_a_flag},
  };
}

}  // namespace tutti::cuda
