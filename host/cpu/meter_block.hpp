// SPDX-License-Identifier: Apache-2.0
// One channel's block as the meters read it: in time order with its history, and transposed so that
// 16 consecutive chunks lie side by side, one to a vector lane.
#pragma once

#include <cstddef>

#include "host/audio/units.hpp"

namespace tutti {

inline constexpr int kMeterChunks = 16;       // lanes of one AVX-512 register of floats
inline constexpr int kMeterChunkFrames = 64;  // long enough that carrying states costs 8 %
inline constexpr int kMeterBlockFrames = kMeterChunks * kMeterChunkFrames;
inline constexpr int kMeterHistoryFrames = 64;  // 63 samples before a position's block, rounded up
inline constexpr int kMeterLeadRows = 2;  // rows −2 and −1 of a chunk, for second differences

/// Samples of one channel. Zero-filled at first: the signal is silent before frame 0.
class MeterBlock {
 public:
  /// Appends `frames` ≤ kMeterBlockFrames samples; what is left of the block reads as zero.
  void load(const float* in, int frames);
  /// Like load, but leaves `row` undefined: for blocks of which only the history matters.
  void load_history(const float* in, int frames);

  /// Sample i of the block; −kMeterHistoryFrames ≤ i < kMeterBlockFrames + 64 (zeros past the end).
  const float* at(int i) const { return samples_ + kMeterHistoryFrames + i; }
  /// Row s holds sample s of each of the 16 chunks; −2 ≤ s < kMeterChunkFrames. 64-byte aligned.
  const float* row(int s) const { return rows_ + (s + kMeterLeadRows) * kMeterChunks; }

 private:
  void shift_in(const float* in, int frames);

  alignas(64) float samples_[kMeterHistoryFrames + kMeterBlockFrames + 64] = {};
  alignas(64) float rows_[(kMeterLeadRows + kMeterChunkFrames) * kMeterChunks] = {};
  int frames_ = 0;  // of the last load
};

}  // namespace tutti
