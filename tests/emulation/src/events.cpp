// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "streams.hpp"

namespace cudacpu {

std::vector<CUevent_st*>& all_events() {
  static auto& events = *new std::vector<CUevent_st*>;
  return events;
}

namespace {

bool known(cudaEvent_t event) {
  const auto& events = all_events();
  if (std::find(events.begin(), events.end(), event) != events.end()) return true;
  mistake(cudaErrorInvalidResourceHandle, "an event that was never made, or was destroyed");
  return false;
}

}  // namespace
}  // namespace cudacpu

using cudacpu::api_mutex;
using cudacpu::Lock;

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = cudacpu::callable()) return error;
  *event = new CUevent_st;
  cudacpu::all_events().push_back(*event);
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  const Lock lock(api_mutex());
  if (!cudacpu::known(event)) return cudaErrorInvalidResourceHandle;
  std::erase(cudacpu::all_events(), event);
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t handle) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = cudacpu::callable()) return error;
  CUstream_st* stream = cudacpu::stream_of(handle);
  if (stream == nullptr || !cudacpu::known(event)) return cudaErrorInvalidResourceHandle;
  if (stream->capture) {
    cudacpu::record_event(*event, *stream);
    return cudaSuccess;
  }
  event->capture.reset();
  event->recorded = {stream->serial, stream->enqueued + 1};
  event->time = std::make_shared<std::chrono::steady_clock::time_point>();
  cudacpu::push(*stream, [time = event->time] { *time = std::chrono::steady_clock::now(); });
  event->clock = stream->clock;
  return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t event, unsigned) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = cudacpu::callable()) return error;
  CUstream_st* stream = cudacpu::stream_of(handle);
  if (stream == nullptr || !cudacpu::known(event)) return cudaErrorInvalidResourceHandle;
  if (event->capture) {
    cudacpu::record_wait(*stream, *event);
    return cudaSuccess;
  }
  if (stream->capture) {
    return cudacpu::mistake(cudaErrorStreamCaptureUnsupported,
                            "a recording stream waits for an event outside the recording");
  }
  stream->clock.merge(event->clock);
  if (event->recorded.count == 0) return cudaSuccess;  // never recorded: nothing to wait for
  cudacpu::push(*stream, [point = event->recorded] { cudacpu::drain(point); });
  return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = cudacpu::callable()) return error;
  if (!cudacpu::known(event)) return cudaErrorInvalidResourceHandle;
  if (event->capture) {
    return cudacpu::mistake(cudaErrorStreamCaptureUnsupported,
                            "cudaEventSynchronize of an event that is part of a recording");
  }
  cudacpu::drain(event->recorded);
  cudacpu::host_clock().merge(event->clock);
  return cudacpu::callable();
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = cudacpu::callable()) return error;
  if (!cudacpu::known(event)) return cudaErrorInvalidResourceHandle;
  // Who asks often enough sees it happen, even when streams run late.
  if (!cudacpu::reached(event->recorded)) cudacpu::advance_one(event->recorded);
  if (!cudacpu::reached(event->recorded)) return cudacpu::refuse(cudaErrorNotReady);
  cudacpu::host_clock().merge(event->clock);
  return cudacpu::callable();
}

cudaError_t cudaEventElapsedTime(float* elapsed_ms, cudaEvent_t start, cudaEvent_t end) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = cudaEventSynchronize(end)) return error;
  if (!start->time || !end->time) return cudacpu::refuse(cudaErrorInvalidResourceHandle);
  *elapsed_ms = std::chrono::duration<float, std::milli>(*end->time - *start->time).count();
  return cudaSuccess;
}
