// SPDX-License-Identifier: Apache-2.0
// What one target of a lane group needs for a stretch of time: prepared on the host, then queued.
#pragma once

#include <vector>

#include "host/backend/lanes.hpp"
#include "kernels/runtime/device.hpp"

namespace tutti::cuda {

/// The lanes that reach a target: those without gain are not there.
class MixTable {
 public:
  /// For `frames` frames from `offset` in the tile, which starts at `first_frame` of the timeline.
  /// Reads the curves: host work, without a Queue.
  MixTable(const LaneTarget& target, int lanes, Frames first_frame, Frames offset, Frames frames);

  /// Overwrites the stretch of the target. `signal`: the stretch of all lanes. With a Queue held.
  void mix(Device& device, ConstDeviceBlock signal) const;

 private:
  DeviceBlock out_;
  std::vector<int> lanes_;
  std::vector<float> gains_;
  std::vector<int> rows_;  // empty: nothing moves
  std::vector<float> curves_;
};

}  // namespace tutti::cuda
