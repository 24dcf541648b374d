// SPDX-License-Identifier: Apache-2.0
// The last frames of signals without end, so that operations can look back across blocks.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <utility>

#include "kernels/runtime/device_buffer.hpp"

namespace tutti::cuda {

/// to[r][n] = from[r][n] for n in [first, first + count), both rings. The same size of element.
void move_ring(cudaStream_t stream, const std::uint32_t* from, Frames from_mask, std::uint32_t* to,
               Frames to_mask, int rows, Frames first, Frames count);
void move_ring(cudaStream_t stream, const std::uint64_t* from, Frames from_mask, std::uint64_t* to,
               Frames to_mask, int rows, Frames first, Frames count);

/// Frames n of `channels` rows: to[c][first + i] = in[c][i] · gain, 0 where `in` is null. Denormal
/// samples are 0 too if `flush` is set, as a meter on the CPU reads them.
struct RingInput {
  Frames first = 0;
  float gain = 1;
  bool flush = false;
};
void append(cudaStream_t stream, ConstDeviceBlock in, float* to, Frames to_mask, RingInput how);

/// Rows of which the last frames are kept: frame n of row r lies at data()[r · size + (n &
/// mask())]. Frames before the first that is written read as 0. Grows with the blocks that pass.
template <typename T>
class DeviceRing {
  using Word = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  static_assert(sizeof(T) == sizeof(Word));

 public:
  /// `memory_frames`: how far behind the first new frame one looks.
  DeviceRing(int rows, Frames memory_frames) : rows_(rows), memory_frames_(memory_frames) {}

  /// Room for frames [first, first + count) beside what is remembered. With a Queue held.
  void make_room(cudaStream_t stream, Frames first, Frames count) {
    if (memory_frames_ + count <= size_) return;
    Frames size = 32;
    while (size < memory_frames_ + count) size *= 2;
    DeviceBuffer<T> wider(stream, static_cast<std::size_t>(rows_ * size));
    clear(stream, wider.span());
    if (size_ > 0)
      move_ring(stream, words(buffer_), mask(), words(wider), size - 1, rows_,
                first - memory_frames_, memory_frames_);
    buffer_ = std::move(wider);
    size_ = size;
  }

  T* data() const { return buffer_.data(); }
  Frames mask() const { return size_ - 1; }
  int rows() const { return rows_; }

 private:
  static Word* words(const DeviceBuffer<T>& buffer) {
    return reinterpret_cast<Word*>(buffer.data());
  }

  int rows_;
  Frames memory_frames_;
  Frames size_ = 0;
  DeviceBuffer<T> buffer_;
};

/// Results that a stream leaves behind one by one. Zero at first; grows by doubling.
template <typename T>
class GrowingBuffer {
 public:
  /// At least `size` elements from now on. With a Queue held.
  void grow(cudaStream_t stream, std::size_t size) {
    size_ = size > size_ ? size : size_;
    if (size_ <= buffer_.size()) return;
    DeviceBuffer<T> wider(stream, 2 * size_);
    const std::size_t had = buffer_.size();
    if (had > 0)
      check(cudaMemcpyAsync(wider.data(), buffer_.data(), buffer_.size_bytes(),
                            cudaMemcpyDeviceToDevice, stream),
            "grow");
    clear(stream, wider.span().subspan(had));
    buffer_ = std::move(wider);
  }

  T* data() const { return buffer_.data(); }
  std::size_t size() const { return size_; }
  DeviceSpan<T> span() const { return buffer_.span().subspan(0, size_); }

 private:
  std::size_t size_ = 0;
  DeviceBuffer<T> buffer_;
};

}  // namespace tutti::cuda
