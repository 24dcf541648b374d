// SPDX-License-Identifier: Apache-2.0
// K-weighted energy of one channel, 16 chunks of a block at a time.
#pragma once

#include <array>

#include "host/cpu/meter_block.hpp"
#include "host/dsp/k_weighting_scan.hpp"
#include "host/dsp/measurement.hpp"

namespace tutti {

/// What turns chunks that run side by side into the sequential filter, exactly: the state behind a
/// chunk of N samples is Aᴺ s + Σ A^(N−1−n) b x[n].
struct KWeightingLanes {
  explicit KWeightingLanes(double sample_rate_hz);

  KWeightingDesign design;
  std::array<std::array<double, 4>, kMeterChunkFrames> drive;  ///< A^(N−1−n) b
  KWeightingPower carry;                                       ///< Aᴺ
};

/// Cumulative energies of one filtered block: row s, chunk c holds Σ y² over samples 0 … s of chunk
/// c.
struct KEnergies {
  alignas(64) double rows[kMeterChunkFrames * kMeterChunks];

  /// Energy of samples [first, last) of the block.
  double between(int first, int last) const;
};

/// What each chunk gives before it is filtered.
struct ChunkSums {
  alignas(
      64) double ends[4][kMeterChunks];  ///< Σ_n drive[n][j] · x[n]: states behind a start at rest
  alignas(64) double sum[kMeterChunks];
  alignas(64) double squares[kMeterChunks];
};

/// The K-weighting filter of one channel; states in double.
class KWeightingChannel {
 public:
  /// Filters a whole block that is not silent, or that follows one; `sums` comes on the way.
  void process(const KWeightingLanes& lanes, const MeterBlock& block, KEnergies& energies,
               ChannelSums& sums);

  /// Whether silence in gives silence out.
  bool at_rest() const { return state_ == KWeightingState{}; }

 private:
  KWeightingState state_;
};

ChannelSums block_sums(const MeterBlock& block);
/// Σ a·b of two channels.
double block_product(const MeterBlock& a, const MeterBlock& b);

}  // namespace tutti
