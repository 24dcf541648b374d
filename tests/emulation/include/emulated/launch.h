// SPDX-License-Identifier: Apache-2.0
// Launching: binds a kernel to its arguments, and looks at those that point somewhere.
#pragma once

#include <algorithm>
#include <tuple>
#include <utility>

#include "emulated/hooks.h"

namespace cudacpu {

/// The address that an argument carries: a pointer, or a span or block by its data.
template <typename T>
const void* address_in(const T& value) {
  if constexpr (std::is_pointer_v<T>) {
    return static_cast<const void*>(value);
  } else if constexpr (requires { static_cast<const void*>(value.data()); }) {
    return static_cast<const void*>(value.data());
  } else if constexpr (requires { static_cast<const void*>(value.data); }) {
    return static_cast<const void*>(value.data);
  } else {
    return nullptr;
  }
}

}  // namespace cudacpu

template <typename... Parameters, typename... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               Arguments&&... arguments) {
  static_assert(sizeof...(Parameters) == sizeof...(Arguments), "wrong number of kernel arguments");
  static_assert((std::is_trivially_copyable_v<std::remove_cv_t<Parameters>> && ...) &&
                    (!std::is_reference_v<Parameters> && ...),
                "kernel parameters must be trivially copyable values");
  static_assert((sizeof(std::remove_cv_t<Parameters>) + ... + 0) <= 32764,
                "kernel parameters too large");
  std::tuple<std::remove_cv_t<Parameters>...> values(
      static_cast<Parameters>(std::forward<Arguments>(arguments))...);
  std::vector<const void*> uses;
  int position = 0;
  int host_pointer_at = 0;
  const auto look_at = [&](const auto& value) {
    ++position;
    const void* address = cudacpu::address_in(value);
    if (address == nullptr) return;
    if (!cudacpu::device_can_reach(address, 1) && host_pointer_at == 0) host_pointer_at = position;
    uses.push_back(address);
  };
  std::apply([&](const auto&... value) { (look_at(value), ...); }, values);
  if (host_pointer_at != 0) {
    return cudacpu::mistake(cudaErrorIllegalAddress,
                            "kernel argument " + std::to_string(host_pointer_at) +
                                " is a host pointer, or device memory that was freed");
  }
  return cudacpu::launch_kernel(
      config->stream,
      {reinterpret_cast<const void*>(kernel), config->gridDim, config->blockDim,
       config->dynamicSmemBytes, [kernel, values] { std::apply(kernel, values); }},
      std::move(uses));
}

template <typename Function>
cudaError_t cudaFuncSetAttribute(Function* kernel, cudaFuncAttribute attribute, int value) {
  return cudacpu::set_function_attribute(reinterpret_cast<const void*>(kernel), attribute, value);
}

/// 2,048 threads, 32 blocks and 228 KiB of shared memory, as a multiprocessor of compute
/// capability 9.
template <typename Function>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, Function*, int threads,
                                                          std::size_t shared_bytes) {
  const int by_threads = threads > 0 ? 2048 / threads : 0;
  const int by_memory = shared_bytes > 0 ? static_cast<int>(233472 / shared_bytes) : 32;
  *blocks = std::max(0, std::min(by_threads, by_memory));
  return cudaSuccess;
}
