// SPDX-License-Identifier: Apache-2.0
// Page-locked host memory: what the device can copy from and to while the host goes on.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

#include "kernels/runtime/check.hpp"

namespace tutti::cuda {

/// Part of a PinnedBuffer. A type of its own: a copy that should run beside other work is only
/// allowed from and to such memory, because from pageable memory it would quietly block.
template <typename T>
class PinnedSpan {
 public:
  PinnedSpan() = default;
  constexpr explicit PinnedSpan(T* data, std::size_t size) : data_(data), size_(size) {}

  constexpr T* data() const { return data_; }
  constexpr std::size_t size() const { return size_; }
  constexpr std::span<T> host() const { return {data_, size_}; }
  constexpr PinnedSpan subspan(std::size_t first, std::size_t count) const {
    return PinnedSpan(host().subspan(first, count).data(), count);
  }
  template <typename Const>
  requires(std::is_same_v<Const, const T>) constexpr operator PinnedSpan<Const>() const {
    return PinnedSpan<Const>(data_, size_);
  }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

/// `count` uninitialised elements of page-locked memory. Pinning costs far more than malloc:
/// allocate once and reuse. Movable. Throws DeviceMemoryError.
template <typename T>
class PinnedBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  PinnedBuffer() = default;
  explicit PinnedBuffer(std::size_t count) : size_(count) {
    if (count > 0) {
      check(cudaHostAlloc(&data_, count * sizeof(T), cudaHostAllocDefault), "cudaHostAlloc");
    }
  }
  PinnedBuffer(PinnedBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  PinnedBuffer& operator=(PinnedBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~PinnedBuffer() {
    if (data_) ignore(cudaFreeHost(data_));
  }

  T* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::span<T> host() const { return {data_, size_}; }
  PinnedSpan<T> span() const { return PinnedSpan<T>(data_, size_); }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace tutti::cuda
