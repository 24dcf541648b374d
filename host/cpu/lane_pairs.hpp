// SPDX-License-Identifier: Apache-2.0
// A group of one or two lanes, as a stereo master is, would leave most of a row empty. What works on
// each number for itself gets its frames folded: eight pairs to a row, the same bits.
#pragma once

#include <cstdint>
#include <cstring>

#include "host/cpu/lane_unit.hpp"

namespace tutti {

inline constexpr int kPairLanes = 2;
inline constexpr int kPairsInRow = kLanes / kPairLanes;

inline int folded_frames(int frames) { return (frames + kPairsInRow - 1) / kPairsInRow; }

/// folded[n·2 + l] = rows[n][l]; zeros behind them as far as a whole chunk goes, for kernels look there.
inline void fold_pairs(const float* rows, int frames, LaneRows& folded) {
  constexpr std::size_t kPairBytes = kPairLanes * sizeof(float);
  float* to = folded.values;
  for (int n = 0; n < frames; ++n) std::memcpy(to + n * kPairLanes, rows + n * kLanes, kPairBytes);
  for (int n = frames; n < kControlFrames; ++n) std::memset(to + n * kPairLanes, 0, kPairBytes);
}

/// The way back; other lanes are left as they are.
inline void unfold_pairs(const LaneRows& folded, int frames, LaneRows& rows) {
  for (int n = 0; n < frames; ++n)
    std::memcpy(rows.row(n), folded.values + n * kPairLanes, kPairLanes * sizeof(float));
}

/// A column for folded rows; null stays null.
class FoldedColumn {
 public:
  explicit FoldedColumn(const float* column) : present_(column != nullptr) {
    for (int lane = 0; present_ && lane < kLanes; ++lane) values_[lane] = column[lane % kPairLanes];
  }
  const float* data() const { return present_ ? values_.data() : nullptr; }

 private:
  bool present_;
  LaneColumn<float> values_;
};

}  // namespace tutti
