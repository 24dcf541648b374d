// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/ring.hpp"

#include <algorithm>

namespace tutti::roofline {

// One thread a frame of one channel: read, scaled, written.
KernelCost append_cost(Frames channels, bool read, Frames frames) {
  const Frames samples = channels * frames;
  return one_launch(channels * blocks_for(frames, 256), read ? 4 * samples : 0, 4 * samples,
                    {.floats = 2.0 * static_cast<double>(samples)});
}

KernelCost move_ring_cost(Frames rows, Frames frames, Frames element_bytes) {
  const Frames bytes = rows * frames * element_bytes;
  return one_launch(rows * blocks_for(frames, 256), bytes, bytes, {});
}

void Ring::make_room(Ledger& ledger, Frames count) {
  if (memory_frames_ + count <= size_) return;
  Frames size = 32;
  while (size < memory_frames_ + count) size *= 2;
  Held wider(ledger, rows_ * size * element_bytes_);
  ledger.clear(wider.bytes());
  if (size_ > 0 && rows_ > 0 && memory_frames_ > 0)
    ledger.launch("ring.move", move_ring_cost(rows_, memory_frames_, element_bytes_));
  held_ = std::move(wider);
  size_ = size;
}

void GrowingBuffer::grow(Ledger& ledger, Frames size) {
  size_ = std::max(size, size_);
  if (size_ <= room_) return;
  Held wider(ledger, 2 * size_ * element_bytes_);
  ledger.copy(room_ * element_bytes_);
  ledger.clear(wider.bytes() - room_ * element_bytes_);
  room_ = 2 * size_;
  held_ = std::move(wider);
}

}  // namespace tutti::roofline
