// SPDX-License-Identifier: Apache-2.0
// K-weighted energy of one channel, 16 chunks of a block at a time.
#pragma once

#include <array>

#include "host/cpu/meter_block.hpp"
#include "host/dsp/loudness.hpp"

namespace tutti {

/// What turns chunks that run side by side into the sequential filter, exactly: with state s and
/// s[n+1] = A s[n] + b x[n], the state behind a chunk of N samples is A^N s + Σ A^(N−1−n) b x[n].
struct KWeightingLanes {
  explicit KWeightingLanes(double sample_rate_hz);

  KWeightingDesign design;
  std::array<std::array<double, 4>, kMeterChunkFrames> drive;  ///< A^(N−1−n) b
  std::array<std::array<double, 4>, 4> carry;                  ///< A^N
};

/// Cumulative energies of one filtered block: row s, chunk c holds Σ y² over samples 0 … s of chunk
/// c.
struct KEnergies {
  alignas(64) double rows[kMeterChunkFrames * kMeterChunks];

  /// Energy of samples [first, last) of the block.
  double between(int first, int last) const;
};

/// The K-weighting filter of one channel; states in double.
class KWeightingChannel {
 public:
  /// Filters a whole block. False, and nothing written, when input and state are silent.
  bool process(const KWeightingLanes& lanes, const MeterBlock& block, bool silent,
               KEnergies& energies);

 private:
  std::array<double, 4> state_{};  // transposed direct form II: shelf, then high pass
};

/// Sums of one block, in double: Σ x and Σ x² of a channel, Σ a·b of two.
struct BlockSums {
  double sum = 0;
  double squares = 0;
};
BlockSums block_sums(const MeterBlock& block);
double block_product(const MeterBlock& a, const MeterBlock& b);

}  // namespace tutti
