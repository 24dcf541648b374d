// SPDX-License-Identifier: Apache-2.0
// The twins of kernels/ring.hpp: memory that grows with what passes through it.
#pragma once

#include "host/roofline/kernels.hpp"
#include "host/roofline/ledger.hpp"

namespace tutti::roofline {

/// Rows of which the last frames are kept, in a power of two.
class Ring {
 public:
  Ring(Frames rows, Frames memory_frames, Frames element_bytes)
      : rows_(rows), memory_frames_(memory_frames), element_bytes_(element_bytes) {}

  void make_room(Ledger& ledger, Frames count);
  Frames rows() const { return rows_; }

 private:
  Frames rows_, memory_frames_, element_bytes_, size_ = 0;
  Held held_;
};

/// Results that a stream leaves behind one by one; grows by doubling.
class GrowingBuffer {
 public:
  explicit GrowingBuffer(Frames element_bytes) : element_bytes_(element_bytes) {}

  void grow(Ledger& ledger, Frames size);
  Frames bytes() const { return size_ * element_bytes_; }
  Frames size() const { return size_; }

 private:
  Frames element_bytes_, size_ = 0, room_ = 0;
  Held held_;
};

}  // namespace tutti::roofline
