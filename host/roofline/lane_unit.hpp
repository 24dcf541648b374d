// SPDX-License-Identifier: Apache-2.0
// One op of a lane group on a predicted device: the twin of kernels/lane_unit.hpp.
#pragma once

#include <memory>
#include <span>

#include "host/backend/lanes.hpp"
#include "host/roofline/ledger.hpp"

namespace tutti::roofline {

/// Every scan over time works on chunks of this many frames, each thread on a run of some.
inline constexpr Frames kChunkFrames = 4096;
inline constexpr Frames kRunFrames = 16;

struct LaneShape {
  Frames strips = 0;
  Frames channels = 1;

  Frames lanes() const { return strips * channels; }
};

/// A stretch of a tile for one op.
struct LaneWork {
  Frames frames = 0;
  bool has_key = false;
  std::span<const LaneChange> changes;  ///< of this op, frames counted from the stretch's start
};

class LaneUnit {
 public:
  virtual ~LaneUnit() = default;
  virtual void run(const LaneWork& work) = 0;
  virtual void reset() = 0;
  virtual Frames memory_frames() const = 0;
};

std::unique_ptr<LaneUnit> make_biquads(Ledger& ledger, LaneShape shape, const LaneOp& op);
std::unique_ptr<LaneUnit> make_gain(Ledger& ledger, LaneShape shape, const LaneOp& op);
/// Compressor, expander or gate.
std::unique_ptr<LaneUnit> make_dynamics(Ledger& ledger, LaneShape shape, const LaneOp& op);

}  // namespace tutti::roofline
