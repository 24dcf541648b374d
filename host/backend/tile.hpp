// SPDX-License-Identifier: Apache-2.0
// Where signals live while they are computed: in the memory of the backend.
#pragma once

#include "host/audio/block_view.hpp"

namespace tutti {

/// Frames of a planar signal in the memory of the backend that made it. Only that backend looks
/// inside: the address may belong to another machine. Without an address it is silence.
struct TileView {
  float* address = nullptr;
  int channels = 0;
  Frames frames = 0;
  Frames stride = 0;  ///< between channels, in samples

  bool sounds() const { return address != nullptr; }
  /// Frames [first, first + count) of every channel; of silence, as much silence.
  TileView slice(Frames first, Frames count) const {
    return {address ? address + first : nullptr, channels, count, stride};
  }
  TileView channel_range(int first, int count) const {
    return {address ? address + first * stride : nullptr, count, frames, stride};
  }
};

/// Owns the memory of one TileView. Frees it when no queued work uses it any more.
class TileBuffer {
 public:
  virtual ~TileBuffer() = default;
  const TileView& view() const { return view_; }

 protected:
  explicit TileBuffer(TileView view) : view_(view) {}

 private:
  TileView view_;
};

}  // namespace tutti
