// SPDX-License-Identifier: Apache-2.0
// One op of a lane group on the device.
#pragma once

#include <memory>
#include <span>

#include "host/backend/lanes.hpp"
#include "kernels/runtime/device.hpp"

namespace tutti::cuda {

/// Who sits where: lane = strip · channels + channel.
struct LaneShape {
  int strips = 0;
  int channels = 1;

  int lanes() const { return strips * channels; }
};

/// What a unit works on: one channel of `signal` for each lane, in place.
struct LaneWork {
  DeviceBlock signal;
  ConstDeviceBlock key;  ///< of ops with an external key: one channel for each lane, never null then
  std::span<const LaneChange> changes;  ///< of this op, by ascending frame
};

/// An op with its state on the device. All calls with a Queue held. Tiles come in order; results do
/// not depend on where the timeline is cut into tiles, as long as cuts lie at multiples of
/// kScanFrames.
class LaneUnit {
 public:
  virtual ~LaneUnit() = default;
  virtual void run(const LaneWork& work) = 0;
  /// As after any length of silence, parameters kept.
  virtual void reset() = 0;
  /// Silent frames after which, with silence going on, the output stays below −300 dBFS and a reset
  /// changes nothing that could be heard later.
  virtual Frames memory_frames() const = 0;
};

/// Every scan over time works on chunks of this many frames, anchored at frame 0 of the timeline:
/// tiles are multiples of it, so results do not depend on the tile. Threads of a block share a chunk.
inline constexpr Frames kScanFrames = 4096;

std::unique_ptr<LaneUnit> make_biquads(Device& device, LaneShape shape, const LaneOp& op);
std::unique_ptr<LaneUnit> make_gain(Device& device, LaneShape shape, const LaneOp& op);
std::unique_ptr<LaneUnit> make_compressor(Device& device, LaneShape shape, const LaneOp& op);
std::unique_ptr<LaneUnit> make_expander(Device& device, LaneShape shape, const LaneOp& op);
std::unique_ptr<LaneUnit> make_gate(Device& device, LaneShape shape, const LaneOp& op);

}  // namespace tutti::cuda
