// SPDX-License-Identifier: Apache-2.0
#include "streams.hpp"

#include <algorithm>

#include "memory.hpp"

namespace cudacpu {
namespace {

CUstream_st& default_stream() {
  static auto& stream = *new CUstream_st;
  return stream;
}

bool in_host_function = false;

void run_front(CUstream_st& stream) {
  const Queued next = std::move(stream.queue.front());
  stream.queue.pop_front();
  for (const StreamPoint point : next.after) drain(point);
  next.run();
  ++stream.done;
}

// The legacy default stream waits for all blocking streams, and they wait for it.
void order_with_default_stream(CUstream_st& stream, Queued& queued) {
  const auto after = [&](CUstream_st& other) {
    queued.after.push_back({other.serial, other.enqueued});
    stream.clock.merge(other.clock);
  };
  if (&stream != &default_stream()) {
    if (!stream.non_blocking) after(default_stream());
    return;
  }
  for (CUstream_st* other : all_streams()) {
    if (other != &stream && !other->non_blocking && !other->capture) after(*other);
  }
}

std::size_t unused_index(std::uint64_t& first_count) {
  // Indices of destroyed streams are used again, or clocks would grow with every stream ever made.
  static auto& counts = *new std::vector<std::uint64_t>{0};
  std::vector<bool> used(counts.size(), false);
  for (const CUstream_st* stream : all_streams()) {
    used[stream->index] = true;
    counts[stream->index] = stream->enqueued;
  }
  const auto free = std::find(used.begin(), used.end(), false);
  const auto index = static_cast<std::size_t>(free - used.begin());
  if (index == counts.size()) counts.push_back(0);
  first_count = counts[index];
  return index;
}

}  // namespace

void Clock::merge(const Clock& other) {
  if (counts_.size() < other.counts_.size()) counts_.resize(other.counts_.size(), 0);
  for (std::size_t i = 0; i < other.counts_.size(); ++i) {
    counts_[i] = std::max(counts_[i], other.counts_[i]);
  }
}

void Clock::advance(Moment moment) {
  if (counts_.size() <= moment.stream) counts_.resize(moment.stream + 1, 0);
  counts_[moment.stream] = std::max(counts_[moment.stream], moment.count);
}

bool Clock::includes(Moment moment) const {
  return moment.count == 0 ||
         (moment.stream < counts_.size() && counts_[moment.stream] >= moment.count);
}

Clock& host_clock() {
  static auto& clock = *new Clock;
  return clock;
}

std::vector<CUstream_st*>& all_streams() {
  static auto& streams = *new std::vector<CUstream_st*>{&default_stream()};
  return streams;
}

CUstream_st* stream_of(cudaStream_t handle) {
  CUstream_st* stream =
      handle == nullptr || handle == cudaStreamLegacy ? &default_stream() : handle;
  const auto& known = all_streams();
  if (std::find(known.begin(), known.end(), stream) != known.end()) return stream;
  mistake(cudaErrorInvalidResourceHandle, "a stream that was never made, or was destroyed");
  return nullptr;
}

void drain(CUstream_st& stream, std::uint64_t count) {
  while (stream.done < count) run_front(stream);
}

static CUstream_st* by_serial(std::uint64_t serial) {
  for (CUstream_st* stream : all_streams()) {
    if (stream->serial == serial) return stream;
  }
  return nullptr;
}

void drain(StreamPoint point) {
  CUstream_st* stream = by_serial(point.serial);
  if (stream != nullptr) drain(*stream, point.count);
}

bool reached(StreamPoint point) {
  const CUstream_st* stream = by_serial(point.serial);
  return stream == nullptr || stream->done >= point.count;
}

void advance_one(StreamPoint point) {
  CUstream_st* stream = by_serial(point.serial);
  if (stream != nullptr && stream->done < stream->enqueued) run_front(*stream);
}

void drain_everything() {
  for (CUstream_st* stream : all_streams()) drain(*stream, stream->enqueued);
}

void push(CUstream_st& stream, std::function<void()> run) {
  Queued queued{std::move(run), {}};
  stream.clock.merge(host_clock());
  order_with_default_stream(stream, queued);
  stream.queue.push_back(std::move(queued));
  stream.clock.advance({stream.index, ++stream.enqueued});
  Settings& now = settings();
  if (now.streams == Streams::eager) {
    drain(stream, stream.enqueued);
  } else if (now.streams == Streams::random) {
    while (now.stream_random() % 2 != 0) {
      auto& streams = all_streams();
      CUstream_st& any = *streams[now.stream_random() % streams.size()];
      if (any.done < any.enqueued) run_front(any);
    }
  }
}

cudaError_t callable() {
  if (in_host_function) {
    return mistake(cudaErrorNotPermitted, "a function of cudaLaunchHostFunc calls CUDA");
  }
  const cudaError_t lost = lost_device();
  return lost == cudaSuccess ? cudaSuccess : refuse(lost);
}

cudaError_t enqueue(cudaStream_t handle, Work work) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = callable()) return error;
  CUstream_st* stream = stream_of(handle);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  if (stream->capture) return record_work(*stream, std::move(work));
  if (const cudaError_t error = note_uses(*stream, work.uses)) return error;
  if (work.touches_device) {
    push(*stream, [run = std::move(work.run)] {
      const DeviceAccess access;
      if (lost_device() == cudaSuccess) run();
    });
  } else {
    push(*stream, std::move(work.run));
  }
  return cudaSuccess;
}

}  // namespace cudacpu

using cudacpu::api_mutex;
using cudacpu::Lock;

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = cudacpu::callable()) return error;
  auto* made = new CUstream_st;
  made->non_blocking = (flags & cudaStreamNonBlocking) != 0;
  static std::uint64_t serials = 0;
  made->serial = ++serials;
  made->index = cudacpu::unused_index(made->enqueued);
  made->done = made->enqueued;
  cudacpu::all_streams().push_back(made);
  *stream = made;
  return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int) {
  return cudaStreamCreateWithFlags(stream, flags);
}

cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  *least = 0;
  *greatest = -5;
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const Lock lock(api_mutex());
  auto& streams = cudacpu::all_streams();
  if (stream == nullptr || cudacpu::stream_of(stream) == nullptr) {
    return cudaErrorInvalidResourceHandle;
  }
  if (stream->capture) {
    return cudacpu::mistake(cudaErrorStreamCaptureUnsupported, "cudaStreamDestroy during capture");
  }
  // Others may wait for its work by an event, so it all happens now.
  cudacpu::drain(*stream, stream->enqueued);
  std::erase(streams, stream);
  delete stream;
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = cudacpu::callable()) return error;
  CUstream_st* stream = cudacpu::stream_of(handle);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  if (const cudaError_t error = cudacpu::refuse_while_capturing(*stream, "cudaStreamSynchronize")) {
    return error;
  }
  cudacpu::drain(*stream, stream->enqueued);
  cudacpu::host_clock().merge(stream->clock);
  return cudacpu::callable();
}

cudaError_t cudaStreamQuery(cudaStream_t handle) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = cudacpu::callable()) return error;
  CUstream_st* stream = cudacpu::stream_of(handle);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  // Who asks often enough sees it end, even when streams run late.
  if (stream->done < stream->enqueued) cudacpu::drain(*stream, stream->done + 1);
  if (stream->done < stream->enqueued) return cudacpu::refuse(cudaErrorNotReady);
  cudacpu::host_clock().merge(stream->clock);
  return cudacpu::callable();
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* argument) {
  return cudacpu::enqueue(stream, {[=] {
                                     cudacpu::in_host_function = true;
                                     function(argument);
                                     cudacpu::in_host_function = false;
                                   },
                                   {},
                                   false});
}

cudaError_t cudaDeviceSynchronize() {
  const Lock lock(api_mutex());
  if (const cudaError_t error = cudacpu::callable()) return error;
  cudacpu::drain_everything();
  for (const CUstream_st* stream : cudacpu::all_streams()) {
    cudacpu::host_clock().merge(stream->clock);
  }
  return cudacpu::callable();
}
