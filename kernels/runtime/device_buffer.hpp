// SPDX-License-Identifier: Apache-2.0
// Owned device memory, and the copies between it and the host.
#pragma once

#include <cuda_runtime.h>

#include <cassert>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernels/runtime/check.hpp"
#include "kernels/runtime/device_span.hpp"
#include "kernels/runtime/pinned_buffer.hpp"

namespace tutti::cuda {

/// `count` uninitialised elements of device memory. Movable. Throws DeviceMemoryError.
template <typename T>
class DeviceBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  DeviceBuffer() = default;

  /// From the device's pool, in the order of `stream`: valid for work enqueued there afterwards (on
  /// other streams after an event), returned there by the destructor. `stream` outlives it.
  DeviceBuffer(cudaStream_t stream, std::size_t count)
      : size_(count), stream_(stream), pooled_(true) {
    if (count > 0) check(cudaMallocAsync(&data_, size_bytes(), stream), "cudaMallocAsync");
  }

  /// Memory without a stream, for what lives as long as the backend. Allocating and freeing it
  /// waits for the whole device.
  explicit DeviceBuffer(std::size_t count) : size_(count) {
    if (count > 0) check(cudaMalloc(&data_, size_bytes()), "cudaMalloc");
  }

  DeviceBuffer(DeviceBuffer&& other) noexcept { swap(other); }
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~DeviceBuffer() {
    if (data_) ignore(pooled_ ? cudaFreeAsync(data_, stream_) : cudaFree(data_));
  }

  T* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::size_t size_bytes() const { return size_ * sizeof(T); }
  DeviceSpan<T> span() const { return DeviceSpan<T>(data_, size_); }

 private:
  void swap(DeviceBuffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(stream_, other.stream_);
    std::swap(pooled_, other.pooled_);
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  cudaStream_t stream_ = nullptr;
  bool pooled_ = false;
};

/// Planar audio on the device. `channels × frames` samples, every channel aligned to 128 bytes, the
/// width of one coalesced access of a warp.
class DeviceSignal {
 public:
  DeviceSignal() = default;
  DeviceSignal(cudaStream_t stream, int channels, Frames frames)
      : channels_(channels),
        frames_(frames),
        stride_((frames + 31) / 32 * 32),
        samples_(stream, static_cast<std::size_t>(channels * stride_)) {}

  DeviceBlock view() { return {samples_.data(), channels_, frames_, stride_}; }
  ConstDeviceBlock view() const { return {samples_.data(), channels_, frames_, stride_}; }

 private:
  int channels_ = 0;
  Frames frames_ = 0;
  Frames stride_ = 0;
  DeviceBuffer<float> samples_;
};

/// Copies on `stream`; returns before it is done. `from` must stay as it is until then.
template <typename T>
void upload(cudaStream_t stream, PinnedSpan<const T> from, DeviceSpan<T> to) {
  assert(from.size() == to.size());
  if (to.empty()) return;
  check(cudaMemcpyAsync(to.data(), from.data(), to.size_bytes(), cudaMemcpyHostToDevice, stream),
        "upload");
}
template <typename T>
void upload(cudaStream_t stream, PinnedSpan<T> from, DeviceSpan<T> to) {
  upload(stream, PinnedSpan<const T>(from), to);
}

/// Copies on `stream`; returns before it is done. `to` holds the data after a synchronisation.
template <typename T>
void download(cudaStream_t stream, DeviceSpan<const T> from, PinnedSpan<T> to) {
  assert(from.size() == to.size());
  if (from.empty()) return;
  check(cudaMemcpyAsync(to.data(), from.data(), from.size_bytes(), cudaMemcpyDeviceToHost, stream),
        "download");
}
template <typename T>
void download(cudaStream_t stream, DeviceSpan<T> from, PinnedSpan<T> to) {
  download(stream, DeviceSpan<const T>(from), to);
}

/// All bytes zero, in the order of `stream`.
template <typename T>
void clear(cudaStream_t stream, DeviceSpan<T> what) {
  if (what.empty()) return;
  check(cudaMemsetAsync(what.data(), 0, what.size_bytes(), stream), "cudaMemsetAsync");
}

/// A copy of pageable memory on the device: for small tables that are made once. `from` may be
/// reused at once; the copy is ordered on `stream`.
template <typename T>
DeviceBuffer<T> device_copy(cudaStream_t stream, std::span<const T> from) {
  DeviceBuffer<T> buffer(stream, from.size());
  if (!from.empty()) {
    check(cudaMemcpyAsync(buffer.data(), from.data(), buffer.size_bytes(), cudaMemcpyHostToDevice,
                          stream),
          "upload");
  }
  return buffer;
}
template <typename T>
DeviceBuffer<T> device_copy(cudaStream_t stream, const std::vector<T>& from) {
  return device_copy(stream, std::span<const T>(from));
}

/// Waits for `stream` and returns what `from` holds then.
template <typename T>
std::vector<std::remove_const_t<T>> host_copy(cudaStream_t stream, DeviceSpan<T> from) {
  std::vector<std::remove_const_t<T>> result(from.size());
  if (!result.empty()) {
    check(cudaMemcpyAsync(result.data(), from.data(), from.size_bytes(), cudaMemcpyDeviceToHost,
                          stream),
          "download");
  }
  check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  return result;
}

}  // namespace tutti::cuda
