// SPDX-License-Identifier: Apache-2.0
// The twin of kernels/spectra_cache.hpp.
#pragma once

#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "host/roofline/kernels.hpp"
#include "host/roofline/units.hpp"

namespace tutti::roofline {

using SharedImpulse = std::shared_ptr<const std::vector<float>>;

/// Which partitions of an impulse sound, [first, end), and the memory of their spectra.
struct ImpulseSpectra {
  Frames first = 0, end = 0;
  Held held;
};

class SpectraCache {
 public:
  explicit SpectraCache(Ledger& ledger) : ledger_(ledger) {}

  /// The twist of a transform, alive as long as somebody has it.
  std::shared_ptr<const Held> transform(Frames block_frames);
  std::shared_ptr<const ImpulseSpectra> spectra(const SharedImpulse& impulse, double gain,
                                                Frames block_frames);
  /// `count` blocks in place, by calls of cuFFT of powers of two.
  void run(Frames block_frames, Frames count);

 private:
  struct Entry {
    std::weak_ptr<const std::vector<float>> source;
    std::weak_ptr<const ImpulseSpectra> spectra;
  };
  std::shared_ptr<const ImpulseSpectra> make(const std::vector<float>& impulse,
                                             Frames block_frames);

  Ledger& ledger_;
  std::map<Frames, std::weak_ptr<const Held>> transforms_;
  std::map<std::tuple<const void*, double, Frames>, Entry> entries_;
  std::map<std::pair<Frames, Frames>, Held> plans_;  ///< work areas, by points and batch
};

}  // namespace tutti::roofline
