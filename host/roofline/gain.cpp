// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "host/roofline/kernels.hpp"
#include "host/roofline/lane_unit.hpp"

namespace tutti::roofline {
namespace {

constexpr Frames kStripGainBytes = 12, kGainSegmentBytes = 8;

class GainUnit : public LaneUnit {
 public:
  GainUnit(Ledger& ledger, LaneShape shape)
      : ledger_(ledger), shape_(shape), strips_(ledger, kStripGainBytes * shape.strips) {
    ledger_.send(kStripGainBytes * shape_.strips);
  }

  /// Of every strip that changes, a segment for every kControlFrames frames; the strips' own gains
  /// before and after.
  void run(const LaneWork& work) override {
    std::vector<bool> moves(static_cast<std::size_t>(shape_.strips), false);
    for (const LaneChange& change : work.changes)
      moves[static_cast<std::size_t>(change.strip)] = true;
    const Frames moving = std::ranges::count(moves, true);
    const Frames segments = moving * whole(work.frames, kControlFrames);
    if (moving > 0) ledger_.send(kGainSegmentBytes * segments + kStripGainBytes * shape_.strips);
    ledger_.launch("gain", gain_cost(shape_.strips, shape_.channels, work.frames, segments));
    if (moving > 0) ledger_.send(kStripGainBytes * shape_.strips);
  }

  void reset() override {}
  Frames memory_frames() const override { return 0; }

 private:
  Ledger& ledger_;
  LaneShape shape_;
  Held strips_;
};

}  // namespace

// A row of blocks of 2,048 frames for each lane: in and out, a fused multiply-add and a product.
KernelCost gain_cost(Frames strips, Frames channels, Frames frames, Frames moving_segments) {
  const Frames samples = strips * channels * frames;
  return one_launch(
      strips * channels * blocks_for(frames, 2048),
      4 * samples + kStripGainBytes * strips + kGainSegmentBytes * moving_segments, 4 * samples,
      {.floats = 2.0 * static_cast<double>(samples) +
                 2.0 * static_cast<double>(moving_segments * kControlFrames * channels)});
}

std::unique_ptr<LaneUnit> make_gain(Ledger& ledger, LaneShape shape, const LaneOp&) {
  return std::make_unique<GainUnit>(ledger, shape);
}

}  // namespace tutti::roofline
