// SPDX-License-Identifier: Apache-2.0
// Streams and events that clean up after themselves.
#pragma once

#include <cuda_runtime.h>

#include <utility>

#include "kernels/runtime/check.hpp"

namespace tutti::cuda {

class Event;

/// A queue of work on the device. Non-blocking: it never waits for the default stream, so every
/// order between streams is one that the code states with an event. Movable.
class Stream {
 public:
  Stream() {
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate");
  }
  Stream(Stream&& other) noexcept : stream_(std::exchange(other.stream_, nullptr)) {}
  Stream& operator=(Stream&& other) noexcept {
    std::swap(stream_, other.stream_);
    return *this;
  }
  ~Stream() {
    if (stream_) ignore(cudaStreamDestroy(stream_));
  }

  cudaStream_t get() const { return stream_; }
  operator cudaStream_t() const { return stream_; }

  /// Blocks the calling thread until everything enqueued so far is done. Throws DeviceError with
  /// whatever went wrong on the device meanwhile.
  void synchronize() const { check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize"); }

  /// Later work on this stream starts after what `event` recorded.
  void wait(const Event& event) const;

 private:
  cudaStream_t stream_ = nullptr;
};

/// A point in a stream that other streams and the host can wait for. Without times, which would
/// make recording it slower. Movable.
class Event {
 public:
  Event() { check(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming), "cudaEventCreate"); }
  Event(Event&& other) noexcept : event_(std::exchange(other.event_, nullptr)) {}
  Event& operator=(Event&& other) noexcept {
    std::swap(event_, other.event_);
    return *this;
  }
  ~Event() {
    if (event_) ignore(cudaEventDestroy(event_));
  }

  cudaEvent_t get() const { return event_; }

  /// Marks the end of what `stream` holds now. An event never recorded counts as reached.
  void record(cudaStream_t stream) const {
    check(cudaEventRecord(event_, stream), "cudaEventRecord");
  }
  void synchronize() const { check(cudaEventSynchronize(event_), "cudaEventSynchronize"); }

  /// True once everything before the event is done; never blocks.
  bool reached() const {
    const cudaError_t status = cudaEventQuery(event_);
    if (status == cudaErrorNotReady) {
      ignore(status);
      return false;
    }
    check(status, "cudaEventQuery");
    return true;
  }

 private:
  cudaEvent_t event_ = nullptr;
};

inline void Stream::wait(const Event& event) const {
  check(cudaStreamWaitEvent(stream_, event.get(), 0), "cudaStreamWaitEvent");
}

}  // namespace tutti::cuda
