// SPDX-License-Identifier: Apache-2.0
// Device memory behind the backend's views.
#pragma once

#include <utility>

#include "host/backend/tile.hpp"
#include "kernels/runtime/device.hpp"

namespace tutti::cuda {

inline DeviceBlock device_block(TileView tile) {
  return {tile.address, tile.channels, tile.frames, tile.stride};
}

inline TileView tile_of(DeviceBlock block) {
  return {block.data, block.channels, block.frames, block.stride};
}

/// Made with a Queue held; freed in the order of the compute stream.
class DeviceTile : public TileBuffer {
 public:
  DeviceTile(Device& device, int channels, Frames frames)
      : DeviceTile(DeviceSignal(device.compute(), channels, frames)) {}

 private:
  explicit DeviceTile(DeviceSignal signal)
      : TileBuffer(tile_of(signal.view())), signal_(std::move(signal)) {}

  DeviceSignal signal_;
};

}  // namespace tutti::cuda
