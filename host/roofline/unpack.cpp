// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/kernels.hpp"

namespace tutti::roofline {
namespace {

// Records of kernels/unpack.hpp.
constexpr Frames kStripBytes = 40, kPartBytes = 88;
// Each sample: its place, two words shifted into one, the sign; converted, scaled and added.
constexpr Operations kPerSample{.floats = 3, .integers = 12};

}  // namespace

// A block is 2,048 frames of a strip; the grid is as wide as the longest. Every stored sample in,
// every sample of a strip out; a strip's chunk reads which parts it hears.
KernelCost unpack_cost(const UnpackShape& shape) {
  const Frames tables = kStripBytes * shape.strips + sizeof(int) * (shape.chunks + 1) +
                        sizeof(int) * shape.entries + kPartBytes * shape.parts;
  return one_launch(shape.widest_chunks * std::min<Frames>(shape.strips, 65535),
                    shape.sample_bytes + tables, 4 * shape.samples,
                    kPerSample * static_cast<double>(shape.samples_in));
}

}  // namespace tutti::roofline
