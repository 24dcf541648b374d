// SPDX-License-Identifier: Apache-2.0
// Convolutions into one target: forward transforms of the sources, products summed, one inverse.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "host/backend/tile.hpp"

namespace tutti {

/// What a spectral runner convolves: per source impulses[out · inputs + in]; null is silence.
struct SpectralProgram {
  Frames block_frames = 0;
  int outputs = 0;
  struct Source {
    int inputs = 1;
    std::vector<std::shared_ptr<const std::vector<float>>> impulses;
    std::vector<double> gains;  ///< per output, linear
  };
  std::vector<Source> sources;
};

/// Transforms sources and accumulates their products, tile by tile. One thread at a time.
class SpectralRunner {
 public:
  virtual ~SpectralRunner() = default;
  /// One tile (whole blocks) of every source. The spectra go into accumulator `slot` (tiles in flight
  /// have one each). Returns false if nothing sounds, neither now nor from earlier tiles: the
  /// accumulated spectra are zero.
  virtual bool accumulate(int slot, Frames tile_frames, std::span<const TileView> sources) = 0;
  /// Adds the accumulated spectra of `runners` (same geometry, in this order) and transforms them
  /// back into `out`, which is overwritten. The accumulators may be used up.
  static void invert(std::span<SpectralRunner* const> runners, int slot, TileView out) {
    runners[0]->invert_all(runners, slot, out);
  }

 protected:
  virtual void invert_all(std::span<SpectralRunner* const> runners, int slot, TileView out) = 0;
};

}  // namespace tutti
