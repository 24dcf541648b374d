// SPDX-License-Identifier: Apache-2.0
// True peaks of one channel, interpolated only where a bound says that they could matter.
#pragma once

#include <cstdint>

#include "host/cpu/meter_block.hpp"
#include "host/dsp/true_peak.hpp"

namespace tutti {

/// Streams blocks of at most kMeterBlockFrames frames. After a block of F frames that begins at
/// frame B, positions B − kTruePeakReach + i, 0 ≤ i < F, can be asked for: position n is the
/// interval [n, n + 1) at n + p/16. The answers are the same whatever the block sizes, bit for bit.
class TruePeakChannel {
 public:
  static constexpr int kGroup = 16;  ///< samples, or positions, that share a bound
  static constexpr int kGroups = kMeterBlockFrames / kGroup;

  void load(const float* in, int frames);
  /// For a block whose positions nobody will ask for; cheaper.
  void load_unscanned(const float* in, int frames);

  const MeterBlock& block() const { return block_; }
  /// Largest magnitude of a sample of the block.
  float sample_peak() const { return sample_peak_; }

  /// The larger of `floor` and the true peak of positions [first, last) of the block.
  float maximum(int first, int last, float floor);

  /// peaks[i] = true peak of position i where it exceeds `threshold`, else 0, for every position of
  /// the block. False when no position does (peaks is then all zero). `peaks` has room for
  /// kMeterBlockFrames.
  bool over(float threshold, float* peaks);

  /// Bounds and half-way points of the positions of one block.
  struct Positions {
    const float* x = nullptr;  ///< sample of position 0
    int count = 0;
    // Per group: the largest |x| and |second difference| under its filters, and its bound.
    alignas(64) float window_peak[kGroups + 1] = {};
    alignas(64) float window_bend[kGroups] = {};
    alignas(64) float bound[kGroups] = {};
    // Phase 8 of each position, group by group where it was needed.
    alignas(64) float half[kMeterBlockFrames + 2 * kGroup] = {};
    std::uint64_t half_known = 0;  ///< bit g: group g
  };

 private:
  static constexpr int kHistoryGroups = kMeterHistoryFrames / kGroup;
  static_assert(kGroups <= 64);

  void age_groups();

  MeterBlock block_;
  int frames_ = 0;
  float sample_peak_ = 0;
  // Per group of 16 samples, history first: the largest |x| and the largest |second difference|.
  alignas(64) float peak_[kHistoryGroups + kGroups + 16] = {};
  alignas(64) float bend_[kHistoryGroups + kGroups + 16] = {};
  Positions positions_;
};

}  // namespace tutti
