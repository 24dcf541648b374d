// SPDX-License-Identifier: Apache-2.0
// Channels from where they are into the block of a lane group, and back.
#pragma once

#include <cuda_runtime.h>

#include "host/audio/units.hpp"
#include "kernels/runtime/device_span.hpp"

namespace tutti::cuda {

/// One channel to copy. Lives in device memory; its pointers are device memory too.
struct LaneCopy {
  const float* from = nullptr;  ///< null: silence
  float* to = nullptr;
};

/// `frames` samples of each; −0 becomes +0, so that silence has one bit pattern.
void copy_lanes(cudaStream_t stream, DeviceSpan<const LaneCopy> copies, Frames frames);

}  // namespace tutti::cuda
