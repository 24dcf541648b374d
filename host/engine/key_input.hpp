// SPDX-License-Identifier: Apache-2.0
// The key signal of a dynamics processor: another node's signal, through a gain and an alignment delay.
#pragma once

#include <memory>

#include "host/engine/steps.hpp"

namespace tutti {

class KeyInput {
 public:
  /// `channels` are the listener's.
  KeyInput(StepContext& context, const PlanEdge& edge, int channels, Frames piece_frames);

  /// Makes frames [offset, offset + count) of the tile available.
  void gather(Frames first_frame, Frames offset, Frames count, int slot);
  /// The gathered key of one channel; null is silence.
  const float* channel(int c) const { return sounds_ ? mixed_.channel(c) : nullptr; }

 private:
  StepContext& context_;
  const PlanEdge* edge_;
  std::unique_ptr<ChannelRunner> delay_;
  Buffer delayed_, mixed_;
  std::vector<std::vector<double>> sums_;
  bool sounds_ = false;
};

}  // namespace tutti
