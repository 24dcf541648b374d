// SPDX-License-Identifier: Apache-2.0
// What the inline parts of these headers call in the runtime. Kernels and tests do not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include "emulated/qualifiers.h"
#include "emulated/types.h"

namespace cudacpu {

/// Reports a mistake of the program and returns `code`.
cudaError_t mistake(cudaError_t code, const std::string& message);

enum class MemoryKind { device, pinned };
cudaError_t allocate(void** out, std::size_t size_bytes, MemoryKind kind, Place place);
cudaError_t allocate_in_stream(void** out, std::size_t size_bytes, cudaStream_t stream,
                               Place place);

/// True if `size_bytes` from `pointer` lie in one live allocation that a kernel can reach.
bool device_can_reach(const void* pointer, std::size_t size_bytes);
/// The same, device memory alone.
bool is_device_memory(const void* pointer, std::size_t size_bytes);

/// What a stream carries: something to do, and the device memory that it is known to touch.
struct Work {
  std::function<void()> run;
  std::vector<const void*> uses;
  bool touches_device = true;
};
cudaError_t enqueue(cudaStream_t stream, Work work);

/// A kernel with its arguments bound.
struct Launch {
  const void* kernel;
  dim3 grid;
  dim3 block;
  std::size_t shared_bytes;
  std::function<void()> body;
};
cudaError_t launch_kernel(cudaStream_t stream, Launch launch, std::vector<const void*> uses);
cudaError_t set_function_attribute(const void* kernel, cudaFuncAttribute attribute, int value);

// Inside a kernel.
void* dynamic_smem();
int block_barrier(bool predicate, Place place);  ///< how many threads came with a true predicate
void memory_fence();
[[noreturn]] void device_trap(Place place);

enum class WarpOp { sync, shuffle, ballot, match_any, add, min, max, umin, umax, all, any, toggle };
struct Payload {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};
Payload warp_operation(unsigned mask, WarpOp op, Payload value, int source_lane, Place place);

template <typename T>
Payload pack(const T& value) {
  static_assert(sizeof(T) <= sizeof(Payload) && std::is_trivially_copyable_v<T>);
  Payload payload;
  __builtin_memcpy(&payload, &value, sizeof(T));
  return payload;
}
template <typename T>
T unpack(const Payload& payload) {
  T value;
  __builtin_memcpy(&value, &payload, sizeof(T));
  return value;
}

}  // namespace cudacpu
