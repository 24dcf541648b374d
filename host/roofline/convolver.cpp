// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/kernels.hpp"

#include <cmath>

namespace tutti::roofline {
namespace {

constexpr Frames kComplexBytes = 8;
// A transform of one kernel lies in the shared memory of one multiprocessor (227 KiB).
constexpr Frames kMostPointsAtOnce = (Frames{227} << 10) / kComplexBytes;

}  // namespace

// Each frame once, as the current block and as the one before; the last block of the tile is kept.
// The twist (8 bytes a frame of a block) stays in a cache.
KernelCost pack_windows_cost(const WindowsShape& shape) {
  const Frames frames = shape.blocks * shape.block_frames;
  const Frames points = shape.channels * frames;
  return one_launch(shape.channels * blocks_for(frames, 256),
                    4 * (shape.sounding * frames + shape.remembered * shape.block_frames) +
                        kComplexBytes * shape.block_frames + 32 * shape.channels,
                    kComplexBytes * points + 4 * shape.channels * shape.block_frames,
                    {.floats = 4.0 * static_cast<double>(points)});
}

KernelCost pack_taps_cost(Frames block_frames, Frames blocks) {
  const Frames points = blocks * block_frames;
  return one_launch(blocks_for(points, 256), 4 * points + kComplexBytes * block_frames,
                    kComplexBytes * points, {.floats = 2.0 * static_cast<double>(points)});
}

Frames transform_passes(Frames points) { return points <= kMostPointsAtOnce ? 1 : 2; }

// About 4 · N · log2(N) additions and products of a complex transform of a high radix, two in an
// instruction at best. cuFFT's kernels are
// not ours: passes are what its size asks for, launches are calls, and into how many blocks it cuts
// a transform is not known.
KernelCost transform_cost(Frames points, Frames batch) {
  const Frames all = points * batch, bytes = transform_passes(points) * kComplexBytes * all;
  KernelCost cost = one_launch(
      batch, bytes, bytes,
      {.floats = 2.0 * static_cast<double>(all) * std::log2(static_cast<double>(points))});
  cost.longest_block = {};
  return cost;
}

// Every spectrum that is met once (its other readers find it in a cache), sums once; 4 operations a
// product.
KernelCost multiply_cost(const MultiplyShape& shape) {
  const Frames spectrum = kComplexBytes * shape.block_frames;
  const Frames tables = 40 * shape.terms + 16 * shape.terms * shape.outputs;
  return one_launch(shape.grid_blocks,
                    spectrum * (shape.spectra + (shape.fresh ? 0 : shape.sums)) + tables,
                    spectrum * shape.sums,
                    {.floats = 4.0 * static_cast<double>(shape.products * shape.block_frames)});
}

KernelCost keep_spectra_cost(Frames channels, Frames kept_spectra, Frames block_frames,
                             Frames tile_blocks) {
  const Frames bytes = kComplexBytes * kept_spectra * block_frames;
  return one_launch(channels * blocks_for(tile_blocks * block_frames, 256), bytes + 36 * channels,
                    bytes, {.integers = 8.0 * static_cast<double>(kept_spectra * block_frames)});
}

KernelCost add_spectra_cost(Frames others, Frames bins) {
  return one_launch(blocks_for(bins, 256), kComplexBytes * bins * (others + 1) + 8 * others,
                    kComplexBytes * bins, {.floats = 2.0 * static_cast<double>(others * bins)});
}

KernelCost unpack_blocks_cost(Frames channels, Frames block_frames, Frames blocks) {
  const Frames frames = blocks * block_frames;
  return one_launch(channels * blocks_for(frames, 256),
                    kComplexBytes * (channels * frames + block_frames), 4 * channels * frames,
                    {.floats = 2.0 * static_cast<double>(channels * frames)});
}

}  // namespace tutti::roofline
