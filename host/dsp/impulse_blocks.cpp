// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/impulse_blocks.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace tutti {
namespace {

constexpr Frames kMinFrames = 256, kMaxFrames = 131072;

// Measured with bench/convolver_bench on a Xeon of 2.5 GHz with AVX-512 and 1 MiB of second-level
// cache, in ns per source frame.
constexpr double kTransformNs = 1.2;        // forward: memory, and passes that every size has
constexpr double kTransformLevelNs = 0.08;  // forward, per level (log2 of the block)
constexpr double kFarLevelNs = 0.35;        // and per level above 32,768: past that cache
constexpr double kSumNs = 0.7;              // reading a spectrum, reading and writing the sums
constexpr double kPartitionNs = 0.38;       // one partition, two outputs
constexpr double kImpulseByteNs = 0.06;     // impulse spectra come from memory, once per tile

}  // namespace

double convolution_cost_ns(Frames block_frames, Frames impulse_frames, Frames tile_frames) {
  const double block = static_cast<double>(block_frames), tile = static_cast<double>(tile_frames);
  const double partitions = std::max(1.0, std::ceil(static_cast<double>(impulse_frames) / block));
  const double levels = std::log2(block);
  const double impulse_bytes =
      partitions * block * 2 * 8;  // two outputs, one complex bin per frame
  return kTransformNs + kTransformLevelNs * levels + kFarLevelNs * std::max(0.0, levels - 15) +
         kSumNs + kPartitionNs * partitions + kImpulseByteNs * impulse_bytes / tile;
}

Frames choose_block_frames(Frames impulse_frames, Frames tile_frames) {
  if (tile_frames <= 0 || tile_frames % kMinFrames != 0) {
    throw std::invalid_argument("tile of " + std::to_string(tile_frames) +
                                " frames: not a multiple of 256");
  }
  Frames best = kMinFrames;
  for (Frames block = kMinFrames; block <= kMaxFrames && tile_frames % block == 0; block *= 2) {
    if (convolution_cost_ns(block, impulse_frames, tile_frames) <
        convolution_cost_ns(best, impulse_frames, tile_frames)) {
      best = block;
    }
  }
  return best;
}

}  // namespace tutti
