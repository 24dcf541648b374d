// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/kernels.hpp"

namespace tutti::roofline {
namespace {

constexpr Frames kBlock = 128, kGroup = 4;
/// Error feedback of twelve terms behind a rounding: one thread a channel, from sample to sample.
constexpr double kShapingCycles = 60;

bool dithers(const PackDesign& design) {
  return design.bits != 32 && design.dither != DitherKind::none;
}
bool shapes(const PackDesign& design) {
  return design.bits != 32 && design.dither == DitherKind::shaped;
}

}  // namespace

const char* quantise_kernel(const PackDesign& design) {
  if (design.format.kind == SampleKind::floating) return "pack.bits";
  return shapes(design) ? "pack.shape" : "pack.round";
}

// Samples in, whole numbers of 4 bytes out. A thread takes the four frames that share a counter of
// the noise: 10 rounds of 6 operations, and 3 to make noise of a word. Shaping is 24 operations in
// double more.
KernelCost quantise_cost(const PackDesign& design, Frames channels, Frames first_frame,
                         Frames frames) {
  const Frames samples = channels * frames;
  if (design.format.kind == SampleKind::floating)
    return one_launch(channels * whole(frames, kBlock), 4 * samples, 4 * samples, {});
  const Operations operations{
      .doubles = (shapes(design) ? 30.0 : 5.0) * static_cast<double>(samples),
      .integers = (dithers(design) ? 18.0 : 0.0) * static_cast<double>(samples)};
  if (shapes(design)) {
    KernelCost cost = one_launch(channels, 4 * samples + shaping_state_bytes() * channels,
                                 4 * samples + shaping_state_bytes() * channels, operations);
    cost.serial_cycles = kShapingCycles * static_cast<double>(frames);
    return cost;
  }
  const Frames groups = whole(first_frame + frames, kGroup) - first_frame / kGroup;
  return one_launch(channels * whole(groups, kBlock), 4 * samples, 4 * samples, operations);
}

// A thread a word of the file.
KernelCost pack_cost(const PackDesign& design, Frames channels, Frames frames) {
  const Frames samples = channels * frames;
  const Frames words = whole(samples * design.format.bytes, 4);
  return one_launch(whole(words, kBlock), 4 * samples, 4 * words,
                    {.integers = 25.0 * static_cast<double>(samples)});
}

}  // namespace tutti::roofline
