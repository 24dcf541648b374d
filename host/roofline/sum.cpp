// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/kernels.hpp"

namespace tutti::roofline {

// One thread a frame, all outputs at once: each input once, each output once. Of a term's record of
// 2,608 bytes its pointers (32), and 2 bytes a pair of channels and 8 of each gain that stands
// still.
KernelCost sum_cost(Frames terms, Frames inputs, Frames outputs, Frames rows, Frames frames) {
  const Frames table = 32 * terms + 10 * inputs * outputs;
  return one_launch(blocks_for(frames, 256), 4 * frames * (inputs + rows) + table,
                    4 * frames * outputs,
                    {.doubles = static_cast<double>(frames * inputs * outputs)});
}

}  // namespace tutti::roofline
