// SPDX-License-Identifier: Apache-2.0
// A connection of the plan as a term of a backend's sum.
#pragma once

#include <memory>
#include <vector>

#include "host/backend/backend.hpp"
#include "host/graph/schedule.hpp"

namespace tutti {

/// gain(out, in) of an edge along the timeline, read `lag_frames` earlier than the frame it meets.
class EdgeCurve : public GainCurve {
 public:
  EdgeCurve(const EdgeGain& gain, int out, int in, Frames lag_frames)
      : gain_(gain), out_(out), in_(in), lag_frames_(lag_frames) {}
  void values(Frames first, std::span<float> values) const override {
    gain_.values(out_, in_, first - lag_frames_, values);
  }

 private:
  const EdgeGain& gain_;
  int out_, in_;
  Frames lag_frames_;
};

/// One edge into a sum: its gains, its curves, and the delay that aligns it. The edge outlives it.
class EdgeTerm {
 public:
  EdgeTerm(Backend& backend, const PlanEdge& edge, int channels, Frames tile_frames);

  /// The term for one tile of the edge's signal, which runs through the delay first. Silence stays
  /// silence once the delay is empty. Valid until the next call.
  SumTerm take(TileView in);

 private:
  std::vector<double> gains_;
  std::vector<std::unique_ptr<EdgeCurve>> owned_;
  std::vector<const GainCurve*> curves_;
  std::unique_ptr<ChannelRunner> delay_;
  std::unique_ptr<TileBuffer> delayed_;
};

}  // namespace tutti
