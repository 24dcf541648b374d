// SPDX-License-Identifier: Apache-2.0
// A lane group tile by tile, for the engine.
#pragma once

#include <array>
#include <vector>

#include "host/audio/buffer.hpp"
#include "host/backend/lanes.hpp"
#include "host/cpu/lanes.hpp"

namespace tutti {

/// Reads stems (or takes signals) in pieces that stay in the second-level cache, runs them through
/// their chains side by side, and adds them into the sums that they feed. Silent pieces are skipped.
class CpuLaneRunner : public LaneRunner {
 public:
  explicit CpuLaneRunner(const LaneProgram& program);
  bool run(const LaneTile& tile) override;

 private:
  /// Gains of one target, spread over the lanes of the geometry.
  struct Target {
    std::vector<std::array<float, kLanes>> gains;             // [out]
    std::vector<std::array<const float*, kLanes>> automated;  // [out], pointers into curves
    std::vector<std::vector<float>> curves;                   // those of one piece
    bool moves = false;
  };

  void spread_gains(const LaneTile& tile);
  bool gather_inputs(const LaneTile& tile, Frames offset, Frames count);
  void run_piece(const LaneTile& tile, Frames offset, Frames count);
  void run_span(const LaneTile& tile, Frames offset, Frames from, Frames count);
  void gather_keys(const LaneTile& tile, Frames offset);
  void move_gains(const LaneTile& tile, Frames offset, Frames count);
  void apply_changes(const LaneTile& tile, Frames frame);

  int channels_, lanes_;
  LaneProcessor processor_;
  Buffer input_;
  std::array<const float*, kLanes> inputs_{};
  std::vector<const float*> keys_;
  std::vector<Target> targets_;
  std::size_t next_change_ = 0;
  bool idle_ = true;
};

}  // namespace tutti
