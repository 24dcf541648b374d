// SPDX-License-Identifier: Apache-2.0
// Allocations of the emulated device, and who may touch them when.
#pragma once

#include <cstddef>
#include <vector>

#include "mapping.hpp"
#include "state.hpp"
#include "streams.hpp"

namespace cudacpu {

struct Allocation {
  char* data = nullptr;
  std::size_t size_bytes = 0;
  MemoryKind kind = MemoryKind::device;
  bool registered = false;   ///< the program's own memory, pinned by cudaHostRegister
  bool born = true;          ///< false until a stream reaches its cudaMallocAsync
  bool open = true;          ///< may be touched: see DeviceAccess
  bool freed = false;        ///< given to cudaFreeAsync, which its stream may not have reached
  Mapping mapping;           ///< empty if registered
  Moment birth;              ///< when it became usable, for streams that must be ordered after it
  std::vector<Moment> uses;  ///< the last use by each stream
};

/// The allocation in which [pointer, pointer + size_bytes) lies, or null.
Allocation* find_allocation(const void* pointer, std::size_t size_bytes);

/// While one of these lives, code may touch device memory. In plain builds device memory is closed
/// otherwise, so that host code which follows a device pointer traps.
class DeviceAccess {
 public:
  DeviceAccess();
  ~DeviceAccess();
  DeviceAccess(const DeviceAccess&) = delete;
  DeviceAccess& operator=(const DeviceAccess&) = delete;
};

/// Frees after all work, as cudaFree, cudaFreeHost and cudaHostUnregister do.
cudaError_t free_now(void* memory, MemoryKind kind, bool registered, Place place);
/// Frees when `stream` comes to it.
cudaError_t free_in_stream(void* memory, CUstream_st& stream, Place place);
cudaError_t pin_host_memory(void* memory, std::size_t size_bytes, Place place);

/// Device memory without an address, such as cuFFT's work areas: false if there is no room.
bool reserve_device_bytes(std::size_t size_bytes);
void return_device_bytes(std::size_t size_bytes);
std::size_t device_bytes_now();
std::size_t device_bytes_at_most();
void forget_most_device_bytes();

std::size_t fft_plan_count();

/// Checks and notes that work which now goes into `stream` touches `pointers`.
cudaError_t note_uses(CUstream_st& stream, const std::vector<const void*>& pointers);

}  // namespace cudacpu
