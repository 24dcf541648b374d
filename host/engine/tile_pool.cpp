// SPDX-License-Identifier: Apache-2.0
#include "host/engine/tile_pool.hpp"

#include <utility>

namespace tutti {

std::unique_ptr<TileBuffer> TilePool::take(int channels) {
  {
    const std::lock_guard lock(mutex_);
    auto& free = free_[channels];
    if (!free.empty()) {
      std::unique_ptr<TileBuffer> buffer = std::move(free.back());
      free.pop_back();
      return buffer;
    }
  }
  return backend_.allocate(channels, tile_frames_);
}

void TilePool::give_back(std::unique_ptr<TileBuffer> buffer) {
  const std::lock_guard lock(mutex_);
  free_[buffer->view().channels].push_back(std::move(buffer));
}

}  // namespace tutti
