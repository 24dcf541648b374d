// SPDX-License-Identifier: Apache-2.0
// The one device of a backend: its streams, and the order of what is queued.
#pragma once

#include <cuda_runtime.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <span>
#include <string>

#include "host/audio/block_view.hpp"
#include "kernels/runtime/device_buffer.hpp"
#include "kernels/runtime/device_span.hpp"
#include "kernels/runtime/fft_plan.hpp"
#include "kernels/runtime/pinned_pool.hpp"
#include "kernels/runtime/stream.hpp"

namespace tutti::cuda {

/// One device of this machine. All kernels of a backend are queued on one stream, `compute`, by
/// whichever thread holds a Queue: what is queued first happens first, so buffers can be handed from
/// operation to operation without events. Copies from and to the host have streams of their own.
class Device {
 public:
  /// The right to queue. While it lives, the device is the thread's current one and nobody else
  /// queues; so it is held for one operation, never while something is read, decoded or waited for.
  class Queue {
   public:
    explicit Queue(Device& device) : lock_(device.mutex_) {
      check(cudaSetDevice(device.ordinal_), "cudaSetDevice");
    }

   private:
    std::lock_guard<std::mutex> lock_;
  };

  /// Makes the context, the streams and the memory pool. Throws DeviceError.
  explicit Device(int ordinal);
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  int ordinal() const { return ordinal_; }
  const std::string& model() const { return model_; }
  std::size_t memory_bytes() const { return memory_bytes_; }
  cudaStream_t compute() const { return compute_.get(); }
  const Stream& compute_stream() const { return compute_; }
  const Stream& upload_stream() const { return upload_; }

  // With a Queue held:

  /// A copy of host data on the device, for the operations queued after it. `from` may be reused at
  /// once. For parameters; audio goes through memory on loan.
  template <typename T>
  DeviceBuffer<T> send(std::span<const T> from) {
    DeviceBuffer<T> buffer(compute(), from.size());
    send_bytes(from.data(), from.size_bytes(), buffer.data());
    return buffer;
  }
  /// The same into memory that is there.
  template <typename T>
  void send(std::span<const T> from, DeviceSpan<T> to) {
    send_bytes(from.data(), from.size_bytes(), to.data());
  }
  /// `bytes` of `from`, from `offset` on, for the operations queued after it. `from` may go back to
  /// its pool at once.
  void send(const PinnedPool::Loan& from, std::size_t offset, std::size_t bytes, void* to);
  /// Bytes as they are after everything queued so far. They are there once `to` was waited for.
  void fetch(const void* from, std::size_t bytes, const PinnedPool::Loan& to, std::size_t offset);
  FftPlanCache& ffts() { return ffts_; }

  // Without a Queue:

  /// Pinned memory for audio on its way.
  PinnedPool::Loan pinned(std::size_t bytes);
  /// The frames of a signal as they are after everything queued so far; waits for them.
  void fetch(ConstDeviceBlock from, BlockView to);
  template <typename T>
  void fetch(DeviceSpan<const T> from, std::span<T> to) {
    fetch_bytes(from.data(), from.size_bytes(), to.data());
  }
  /// Waits for everything queued. Throws what went wrong on the device.
  void synchronize();
  /// Waits, and gives the pool's free memory back to the device.
  void release_pool();

 private:
  /// Half of the pinned memory that parameters pass through: while one half is being copied from,
  /// the other is filled.
  struct SendHalf {
    PinnedBuffer<std::byte> memory;
    Event copied;
    std::size_t used = 0;
  };

  void send_bytes(const void* from, std::size_t bytes, void* to);
  void fetch_bytes(const void* from, std::size_t bytes, void* to);
  SendHalf& room_for(std::size_t bytes);

  cudaMemPool_t pool() const;

  int ordinal_;
  std::string model_;
  std::size_t memory_bytes_ = 0;
  std::mutex mutex_;
  Stream compute_, upload_, download_;
  std::array<SendHalf, 2> halves_;
  int half_ = 0;
  PinnedPool pinned_;
  FftPlanCache ffts_;  // after compute_: its plans use that stream
};

}  // namespace tutti::cuda
