// SPDX-License-Identifier: Apache-2.0
#include "kernels/lane_copy.hpp"

#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

constexpr int kBlock = 256;
constexpr int kFramesPerThread = 8;

// One row of blocks a channel, neighbouring threads on neighbouring frames. 8 bytes and one
// addition a sample.
__global__ void __launch_bounds__(kBlock)
    copy_kernel(const LaneCopy* __restrict__ copies, Frames frames) {
  const LaneCopy copy = copies[blockIdx.y];
  const Frames step = static_cast<Frames>(gridDim.x) * kBlock;
  for (Frames n = static_cast<Frames>(blockIdx.x) * kBlock + threadIdx.x; n < frames; n += step)
    copy.to[n] = copy.from ? copy.from[n] + 0.0f : 0.0f;
}

}  // namespace

void copy_lanes(cudaStream_t stream, DeviceSpan<const LaneCopy> copies, Frames frames) {
  if (copies.empty() || frames == 0) return;
  const dim3 grid(blocks_for(frames, kBlock * kFramesPerThread),
                  static_cast<unsigned>(copies.size()));
  launch(copy_kernel, grid, kBlock, 0, stream, copies.data(), frames);
}

}  // namespace tutti::cuda
