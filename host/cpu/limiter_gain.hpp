// SPDX-License-Identifier: Apache-2.0
// From the reduction that each frame needs to a smooth gain that grants it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "host/dsp/limiter.hpp"

namespace tutti {

/// One gain stream of one limiter stage. Every step is sequential per frame, so results do not
/// depend on block sizes; while nothing is reduced a block costs nothing.
class LimiterGain {
 public:
  explicit LimiterGain(const LimiterStageDesign& design);

  /// `reductions[i]`: needed 1 − gain of the next frames in units of 2^−fraction_bits; nullptr:
  /// none. Writes the gain of frames that lie window_frames − 1 earlier. False, and nothing
  /// written, when every gain is exactly 1. frames ≤ kMeterBlockFrames.
  bool process(const std::int32_t* reductions, int frames, double* gains);

 private:
  bool at_rest() const;
  void hold_maximum(const std::int32_t* reductions, int frames);
  void release(int frames);
  void average(int frames, double* gains);

  LimiterStageDesign design_;
  double unit_;  ///< 1 / (box lengths · 2^bits)

  // Window maximum [vanHerk1992]: maxima of the tail of the previous run, and of the current run.
  std::vector<std::int32_t> run_;
  std::vector<std::int32_t> tail_;
  int run_position_ = 0;
  std::int32_t run_maximum_ = 0;

  double released_ = 0;
  std::vector<std::int32_t> held_;
  std::array<std::vector<std::int64_t>, 3> lines_;  ///< input of each box, its history first
  std::array<std::int64_t, 3> sums_{};
};

}  // namespace tutti
