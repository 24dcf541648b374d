// SPDX-License-Identifier: Apache-2.0
// Views of device memory. Types of their own, so that a host pointer can not reach a kernel.
#pragma once

#include <cuda_runtime.h>

#include <cassert>
#include <cstddef>
#include <type_traits>

#include "host/audio/units.hpp"

namespace tutti::cuda {

/// `size()` elements of device memory that somebody else owns. Trivially copyable.
template <typename T>
class DeviceSpan {
 public:
  DeviceSpan() = default;
  /// `data` must be device memory: only what allocates it should say so.
  __host__ __device__ constexpr explicit DeviceSpan(T* data, std::size_t size)
      : data_(data), size_(size) {}

  __host__ __device__ constexpr T* data() const { return data_; }
  __host__ __device__ constexpr std::size_t size() const { return size_; }
  __host__ __device__ constexpr std::size_t size_bytes() const { return size_ * sizeof(T); }
  __host__ __device__ constexpr bool empty() const { return size_ == 0; }
  __device__ T& operator[](std::size_t index) const { return data_[index]; }

  /// Elements [first, first + count), which must lie inside.
  __host__ __device__ constexpr DeviceSpan subspan(std::size_t first, std::size_t count) const {
    assert(first <= size_ && count <= size_ - first);
    return DeviceSpan(data_ + first, count);
  }
  __host__ __device__ constexpr DeviceSpan subspan(std::size_t first) const {
    return subspan(first, size_ - first);
  }

  /// A span of T is a span of const T.
  template <typename Const>
  requires(std::is_same_v<Const, const T>) constexpr operator DeviceSpan<Const>() const {
    return DeviceSpan<Const>(data_, size_);
  }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Planar audio in device memory: `data[c * stride + n]` is frame n of channel c. The device's
/// BlockView; a type of its own for the same reason as DeviceSpan.
template <typename Sample>
struct BasicDeviceBlock {
  Sample* data = nullptr;
  int channels = 0;
  Frames frames = 0;
  Frames stride = 0;  ///< in samples, ≥ frames

  __host__ __device__ constexpr Sample* channel(int c) const { return data + c * stride; }

  /// Frames [first, first + count) of every channel.
  __host__ __device__ constexpr BasicDeviceBlock slice(Frames first, Frames count) const {
    return {data + first, channels, count, stride};
  }

  /// Channels [first, first + count).
  __host__ __device__ constexpr BasicDeviceBlock channel_range(int first, int count) const {
    return {data + first * stride, count, frames, stride};
  }

  template <typename Const>
  requires(std::is_same_v<Const, const Sample>) constexpr operator BasicDeviceBlock<Const>() const {
    return {data, channels, frames, stride};
  }
};

using DeviceBlock = BasicDeviceBlock<float>;
using ConstDeviceBlock = BasicDeviceBlock<const float>;

static_assert(std::is_trivially_copyable_v<DeviceSpan<float>>);
static_assert(std::is_trivially_copyable_v<DeviceBlock>);

}  // namespace tutti::cuda
