// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/kernels.hpp"
#include "host/roofline/meter_spans.hpp"

namespace tutti::roofline {
namespace {

Frames sums_of(Frames channels) { return 2 * channels + (channels == 2 ? 1 : 0); }

}  // namespace

// A block a span of one channel, and of two channels one for their product, whose samples are in a
// cache by then.
KernelCost statistics_cost(Frames channels, Frames spans) {
  const Frames rows = channels + (channels == 2 ? 1 : 0), samples = spans * kMeterSpanFrames;
  return one_launch(rows * spans, 4 * channels * samples,
                    static_cast<Frames>(sizeof(double)) * spans * sums_of(channels),
                    {.floats = 3.0 * static_cast<double>(rows * samples),
                     .doubles = 2.0 * static_cast<double>(rows * samples)});
}

KernelCost statistics_add_cost(Frames channels, Frames spans) {
  const Frames sums = sums_of(channels);
  return one_launch(1, static_cast<Frames>(sizeof(double)) * sums * (spans + 1),
                    static_cast<Frames>(sizeof(double)) * sums,
                    {.doubles = static_cast<double>(sums * spans)});
}

}  // namespace tutti::roofline
