// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/true_peak.hpp"

#include "host/roofline/kernels.hpp"
#include "host/roofline/true_peak_table.hpp"

namespace tutti::roofline {

// A thread a position: its sample. The bins that it raises are atomics.
KernelCost true_peak_samples_cost(Frames channels, Frames positions) {
  return one_launch(channels * blocks_for(positions, kPeakPositions), 4 * channels * positions, 0,
                    {.floats = static_cast<double>(channels * positions),
                     .integers = 6.0 * static_cast<double>(channels * positions)});
}

// A thread a position, its block's window in shared memory: samples, and those under the first and
// the last filter beyond; their largest, and their largest second difference. Where that does not
// settle it, a bound of the position, and 16 phases of 64 taps with their table.
KernelCost true_peak_cost(Frames channels, Frames positions) {
  const double samples = static_cast<double>(channels * positions);
  KernelCost cost =
      one_launch(channels * blocks_for(positions, kPeakPositions),
                 4 * channels * (positions + kTruePeakTaps - 1), 0, {.floats = 6 * samples});
  cost.at_most_more = {.floats = (24 + kTruePeakPhases * kTruePeakTaps) * samples};
  return cost;
}

}  // namespace tutti::roofline
