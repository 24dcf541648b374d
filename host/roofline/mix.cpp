// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/kernels.hpp"

namespace tutti::roofline {

// A block takes 32 frames, a warp one of eight chains of lanes: each lane once, each output once, a
// fused multiply-add in double for each of both, and a tree of seven additions an output.
KernelCost mix_cost(Frames entries, Frames outputs, Frames rows, Frames frames) {
  const Frames table = 4 * entries * (1 + outputs * (rows > 0 ? 2 : 1));
  return one_launch(whole(frames, 32), 4 * frames * (entries + rows) + table, 4 * frames * outputs,
                    {.doubles = static_cast<double>(frames * outputs * (entries + 7))});
}

}  // namespace tutti::roofline
