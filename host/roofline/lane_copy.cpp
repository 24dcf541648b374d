// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/kernels.hpp"

namespace tutti::roofline {

// A row of blocks of 2,048 frames for each channel; one addition a sample that is read.
KernelCost lane_copy_cost(Frames rows, Frames rows_read, Frames frames) {
  constexpr Frames kCopyBytes = 16;  // LaneCopy
  return one_launch(rows * blocks_for(frames, 2048), 4 * rows_read * frames + kCopyBytes * rows,
                    4 * rows * frames, {.floats = static_cast<double>(rows_read * frames)});
}

}  // namespace tutti::roofline
