// SPDX-License-Identifier: Apache-2.0
// The CPU's own memory behind the backend's views.
#pragma once

#include <utility>

#include "host/audio/buffer.hpp"
#include "host/backend/tile.hpp"

namespace tutti {

inline BlockView host_view(TileView tile) {
  return {tile.address, tile.channels, tile.frames, tile.stride};
}

/// The other way round: a host signal as the CPU backend takes it. Inputs are only read.
inline TileView tile_of(ConstBlockView view) {
  return {const_cast<float*>(view.data), view.channels, view.frames, view.stride};
}

class HostTile : public TileBuffer {
 public:
  HostTile(int channels, Frames frames) : HostTile(Buffer(channels, frames)) {}

 private:
  explicit HostTile(Buffer buffer)
      : TileBuffer({buffer.channel(0), buffer.channels(), buffer.frames(), buffer.view().stride}),
        buffer_(std::move(buffer)) {}

  Buffer buffer_;
};

}  // namespace tutti
