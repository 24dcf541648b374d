// SPDX-License-Identifier: Apache-2.0
// Copies and fills, with the directions and bounds that CUDA only promises to check.
#include <cstring>
#include <memory>

#include "memory.hpp"
#include "traffic.hpp"

namespace cudacpu {
namespace {

struct Copy {
  void* to;
  const void* from;
  std::size_t size_bytes;
  cudaMemcpyKind kind;
};

// What `kind` says of this end must be true: device memory that holds all of it, or host memory
// that reaches into no allocation it does not fit.
bool end_fits(const void* memory, std::size_t size_bytes, bool on_device) {
  const Allocation* inside = find_allocation(memory, size_bytes);
  if (on_device) return inside != nullptr && inside->kind == MemoryKind::device && !inside->freed;
  if (inside != nullptr) return inside->kind == MemoryKind::pinned;
  return find_allocation(memory, 1) == nullptr;
}

cudaError_t check_copy(const Copy& copy, Place place) {
  const bool to_device =
      copy.kind == cudaMemcpyHostToDevice || copy.kind == cudaMemcpyDeviceToDevice;
  const bool from_device =
      copy.kind == cudaMemcpyDeviceToHost || copy.kind == cudaMemcpyDeviceToDevice;
  if (copy.kind == cudaMemcpyDefault || (end_fits(copy.to, copy.size_bytes, to_device) &&
                                         end_fits(copy.from, copy.size_bytes, from_device))) {
    return cudaSuccess;
  }
  return mistake(cudaErrorInvalidValue, "copy of " + std::to_string(copy.size_bytes) +
                                            " bytes in the wrong direction or out of bounds, at " +
                                            to_text(place));
}

std::vector<const void*> allocated(std::initializer_list<const void*> pointers) {
  std::vector<const void*> uses;
  for (const void* pointer : pointers) {
    if (find_allocation(pointer, 1) != nullptr) uses.push_back(pointer);
  }
  return uses;
}

// Pageable memory: CUDA reads the source before it returns, and has written the target when it
// does.
cudaError_t copy_async(const Copy& copy, cudaStream_t handle, Place place) {
  if (const cudaError_t error = check_copy(copy, place)) return error;
  CUstream_st* stream = stream_of(handle);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  const bool pageable_from = find_allocation(copy.from, 1) == nullptr;
  const bool pageable_to = find_allocation(copy.to, 1) == nullptr;
  if (stream->capture && (pageable_from || pageable_to)) {
    return mistake(cudaErrorStreamCaptureUnsupported,
                   "copy of pageable memory in a recording, at " + to_text(place));
  }
  Work work;
  work.uses = allocated({copy.to, copy.from});
  if (pageable_from) {
    const char* bytes = static_cast<const char*>(copy.from);
    auto kept = std::make_shared<std::vector<char>>(bytes, bytes + copy.size_bytes);
    work.run = [copy, kept] { std::memcpy(copy.to, kept->data(), kept->size()); };
  } else {
    work.run = [copy] { std::memmove(copy.to, copy.from, copy.size_bytes); };
  }
  if (const cudaError_t error = enqueue(handle, std::move(work))) return error;
  count_copy(copy.kind, copy.size_bytes);
  return pageable_to ? cudaStreamSynchronize(handle) : cudaSuccess;
}

cudaError_t fill_async(void* to, int value, std::size_t size_bytes, cudaStream_t stream,
                       Place place) {
  if (!is_device_memory(to, size_bytes)) {
    return mistake(cudaErrorInvalidValue,
                   "memset of " + std::to_string(size_bytes) +
                       " bytes that are not device memory, or out of bounds, at " + to_text(place));
  }
  count_fill(size_bytes);
  return enqueue(stream, {[=] { std::memset(to, value, size_bytes); }, {to}});
}

}  // namespace

cudaError_t copy_to_symbol(void* symbol, std::size_t symbol_bytes, const void* from,
                           std::size_t size_bytes, std::size_t offset_bytes, cudaStream_t stream) {
  if (offset_bytes + size_bytes > symbol_bytes) {
    return mistake(cudaErrorInvalidValue, "cudaMemcpyToSymbol out of bounds");
  }
  const std::string kept(static_cast<const char*>(from), size_bytes);
  char* to = static_cast<char*>(symbol) + offset_bytes;
  return enqueue(stream, {[=] { std::memcpy(to, kept.data(), kept.size()); }, {}});
}

}  // namespace cudacpu

using cudacpu::api_mutex;
using cudacpu::Lock;
using cudacpu::Place;

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t size_bytes, cudaMemcpyKind kind,
                            cudaStream_t stream, Place place) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = cudacpu::callable()) return error;
  if (size_bytes == 0) return cudaSuccess;
  return cudacpu::copy_async({to, from, size_bytes, kind}, stream, place);
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t size_bytes, cudaMemcpyKind kind,
                       Place place) {
  const Lock lock(api_mutex());
  const cudaError_t error = cudaMemcpyAsync(to, from, size_bytes, kind, nullptr, place);
  return error != cudaSuccess ? error : cudaStreamSynchronize(nullptr);
}

cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from,
                              std::size_t from_pitch, std::size_t width_bytes, std::size_t rows,
                              cudaMemcpyKind kind, cudaStream_t stream, Place place) {
  const Lock lock(api_mutex());
  if (width_bytes > to_pitch || width_bytes > from_pitch) {
    return cudacpu::mistake(cudaErrorInvalidPitchValue,
                            "rows longer than their pitch at " + cudacpu::to_text(place));
  }
  for (std::size_t row = 0; row < rows; ++row) {
    const cudaError_t error = cudaMemcpyAsync(static_cast<char*>(to) + row * to_pitch,
                                              static_cast<const char*>(from) + row * from_pitch,
                                              width_bytes, kind, stream, place);
    if (error != cudaSuccess) return error;
  }
  return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void* to, int value, std::size_t size_bytes, cudaStream_t stream,
                            Place place) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = cudacpu::callable()) return error;
  if (size_bytes == 0) return cudaSuccess;
  return cudacpu::fill_async(to, value, size_bytes, stream, place);
}

cudaError_t cudaMemset(void* to, int value, std::size_t size_bytes, Place place) {
  return cudaMemsetAsync(to, value, size_bytes, nullptr, place);
}

cudaError_t cudaMemset2DAsync(void* to, std::size_t pitch, int value, std::size_t width_bytes,
                              std::size_t rows, cudaStream_t stream, Place place) {
  const Lock lock(api_mutex());
  if (width_bytes > pitch) {
    return cudacpu::mistake(cudaErrorInvalidPitchValue,
                            "rows longer than their pitch at " + cudacpu::to_text(place));
  }
  for (std::size_t row = 0; row < rows; ++row) {
    const cudaError_t error =
        cudaMemsetAsync(static_cast<char*>(to) + row * pitch, value, width_bytes, stream, place);
    if (error != cudaSuccess) return error;
  }
  return cudaSuccess;
}
