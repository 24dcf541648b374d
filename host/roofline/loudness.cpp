// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/kernels.hpp"
#include "host/roofline/meter_spans.hpp"

namespace tutti::roofline {
namespace {

constexpr Frames kBlock = 256;  // chunks of a span, a thread each
constexpr Frames kStateBytes = 4 * sizeof(double);
constexpr Frames kPowersBytes = 12 * (kBlock + 1) * sizeof(double);

}  // namespace

// A block a span: samples in, the state before each chunk out (2 bytes a sample). Ten
// operations a sample, and 14 for each of the 9.5 states that a thread joins over its 16.
KernelCost loudness_scan_cost(Frames channels, Frames spans) {
  const Frames all = channels * spans, samples = all * kMeterSpanFrames;
  // Powers 1 … 32: of the scan within a warp and over the warps.
  return one_launch(all, 4 * samples + 12 * 32 * sizeof(double) + 4 * channels,
                    all * (kBlock + 1) * kStateBytes,
                    {.doubles = 18.0 * static_cast<double>(samples)});
}

// The same samples and states in, the energies of the 10 ms bins that a span touches out.
KernelCost loudness_energy_cost(Frames channels, Frames spans, Frames slots) {
  const Frames all = channels * spans, samples = all * kMeterSpanFrames;
  return one_launch(
      all,
      4 * samples + all * (kBlock + 1) * kStateBytes + kPowersBytes + channels * (kStateBytes + 4),
      all * slots * static_cast<Frames>(sizeof(double)) + channels * kStateBytes,
      {.doubles = 12.0 * static_cast<double>(samples)});
}

KernelCost loudness_bins_cost(Frames channels, Frames spans, Frames slots, Frames bins) {
  const Frames energies = channels * spans * slots * static_cast<Frames>(sizeof(double));
  return one_launch(blocks_for(bins, kBlock),
                    energies + static_cast<Frames>(sizeof(double)) * (bins + channels),
                    static_cast<Frames>(sizeof(double)) * bins,
                    {.doubles = static_cast<double>(bins * spans * (channels + 4))});
}

}  // namespace tutti::roofline
