// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "memory.hpp"

using cudacpu::api_mutex;
using cudacpu::Lock;
using cudacpu::MemoryKind;
using cudacpu::Place;

namespace {

// Kept and given back, without effect: the emulated pool keeps nothing.
std::uint64_t release_threshold = 0;

}  // namespace

cudaError_t cudaFree(void* memory, Place place) {
  return cudacpu::free_now(memory, MemoryKind::device, false, place);
}

cudaError_t cudaFreeHost(void* memory, Place place) {
  return cudacpu::free_now(memory, MemoryKind::pinned, false, place);
}

cudaError_t cudaHostUnregister(void* memory, Place place) {
  return cudacpu::free_now(memory, MemoryKind::pinned, true, place);
}

cudaError_t cudaHostRegister(void* memory, std::size_t size_bytes, unsigned, Place place) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = cudacpu::callable()) return error;
  return cudacpu::pin_host_memory(memory, size_bytes, place);
}

cudaError_t cudaFreeAsync(void* memory, cudaStream_t handle, Place place) {
  const Lock lock(api_mutex());
  if (memory == nullptr) return cudaSuccess;
  CUstream_st* stream = cudacpu::stream_of(handle);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  if (stream->capture) {
    return cudacpu::mistake(cudaErrorNotSupported, "cudaFreeAsync in a recording is not emulated");
  }
  return cudacpu::free_in_stream(memory, *stream, place);
}

cudaError_t cudaMemGetInfo(std::size_t* free_bytes, std::size_t* total_bytes) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = cudacpu::callable()) return error;
  *total_bytes = cudacpu::settings().memory_limit_bytes;
  *free_bytes = *total_bytes - std::min(*total_bytes, cudacpu::device_bytes_now());
  return cudaSuccess;
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int) {
  static char the_pool;
  *pool = reinterpret_cast<cudaMemPool_t>(&the_pool);
  return cudacpu::callable();
}

cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, cudaMemPoolAttr attribute, void* value) {
  const Lock lock(api_mutex());
  if (attribute == cudaMemPoolAttrReleaseThreshold) {
    release_threshold = *static_cast<std::uint64_t*>(value);
  }
  return cudacpu::callable();
}

cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t, cudaMemPoolAttr attribute, void* value) {
  const Lock lock(api_mutex());
  const auto answer = [&]() -> std::uint64_t {
    switch (attribute) {
      case cudaMemPoolAttrReleaseThreshold:
        return release_threshold;
      case cudaMemPoolAttrReservedMemHigh:
      case cudaMemPoolAttrUsedMemHigh:
        return cudacpu::device_bytes_at_most();
      default:
        return cudacpu::device_bytes_now();
    }
  };
  *static_cast<std::uint64_t*>(value) = answer();
  return cudacpu::callable();
}

cudaError_t cudaMemPoolTrimTo(cudaMemPool_t, std::size_t) { return cudacpu::callable(); }
