// SPDX-License-Identifier: Apache-2.0
// The spectral runner of the CPU: sources of one target, tile by tile.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "host/backend/backend.hpp"
#include "host/cpu/convolution.hpp"

namespace tutti {

/// Spectra of impulses, made once for each distinct impulse, gain and block length.
class SpectraCache {
 public:
  std::shared_ptr<const ImpulseSpectra> get(const std::shared_ptr<const std::vector<float>>& impulse,
                                            double gain, const SharedTransform& transform);

 private:
  struct Key {
    const void* impulse;
    double gain;
    Frames block_frames;
    auto operator<=>(const Key&) const = default;
  };
  struct Entry {
    std::weak_ptr<const std::vector<float>> source;  ///< an address may be used again
    std::weak_ptr<const ImpulseSpectra> spectra;
  };
  std::map<Key, Entry> entries_;
};

class CpuSpectral : public SpectralRunner {
 public:
  CpuSpectral(const SpectralProgram& program, int slots, Frames tile_frames, SpectraCache& cache);
  bool accumulate(int slot, Frames tile_frames, std::span<const TileView> sources) override;

 protected:
  void invert_all(std::span<SpectralRunner* const> runners, int slot, TileView out) override;

 private:
  /// One input channel of one source.
  struct Channel {
    std::size_t source;
    int channel;
    std::vector<std::shared_ptr<const ImpulseSpectra>> owned;  ///< per output
    std::vector<const ImpulseSpectra*> impulses;
    std::unique_ptr<SourceHistory> history;
  };
  SharedTransform transform_;
  std::vector<Channel> channels_;
  std::vector<std::unique_ptr<SpectrumSum>> sums_;  ///< per slot
};

}  // namespace tutti
