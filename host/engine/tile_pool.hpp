// SPDX-License-Identifier: Apache-2.0
// Memory of tiles that all have read, for the next who writes one: what is written is still in a cache
// when it is read, and hundreds of stems need the memory of those that are being worked on.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "host/backend/backend.hpp"

namespace tutti {

/// Any thread. Keep the backend as long as the pool.
class TilePool {
 public:
  TilePool(Backend& backend, Frames tile_frames) : backend_(backend), tile_frames_(tile_frames) {}

  Frames tile_frames() const { return tile_frames_; }
  /// Machines with memory of their own get all of it before the first tile, so that too little is
  /// known before work is lost.
  bool recycles() const { return !backend_.has_own_memory(); }

  /// A tile of `channels` channels with any content. Throws DeviceMemoryError.
  std::unique_ptr<TileBuffer> take(int channels);
  void give_back(std::unique_ptr<TileBuffer> buffer);

 private:
  Backend& backend_;
  Frames tile_frames_;
  std::mutex mutex_;
  std::map<int, std::vector<std::unique_ptr<TileBuffer>>> free_;  ///< by channels, the latest last
};

}  // namespace tutti
