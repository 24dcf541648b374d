// SPDX-License-Identifier: Apache-2.0
// How a kernel is started, and how it reaches its dynamic shared memory: one text for nvcc and for
// a plain C++ compiler, so neither `<<<>>>` nor `extern __shared__` stands anywhere else.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "host/audio/units.hpp"
#include "kernels/runtime/check.hpp"

namespace tutti::cuda {

/// Enqueues `kernel` on `stream`. Arguments are converted to the kernel's parameter types; grid and
/// block must not be empty. Throws DeviceError if the launch itself is refused; what the kernel
/// does wrong shows at the next synchronisation.
template <typename... Parameters, typename... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes,
            cudaStream_t stream, Arguments&&... arguments) {
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = block;
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream;
  check(cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...),
        "cudaLaunchKernelEx");
}

/// Lets `kernel` have more dynamic shared memory than the 48 KiB that every kernel may use.
template <typename... Parameters>
void allow_shared_bytes(void (*kernel)(Parameters...), std::size_t shared_bytes) {
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                             static_cast<int>(shared_bytes)),
        "cudaFuncSetAttribute");
}

/// Blocks of `per_block` items that cover `count`, at most `most`: a grid-stride loop does the
/// rest.
inline unsigned blocks_for(Frames count, Frames per_block, Frames most = 65535) {
  return static_cast<unsigned>(std::min((count + per_block - 1) / per_block, most));
}

/// The block's dynamic shared memory, aligned to 16 bytes.
template <typename T>
__device__ __forceinline__ T* dyn_smem() {
#ifdef TUTTI_CUDA_EMULATED
  return static_cast<T*>(cudacpu::dynamic_smem());
#else
  extern __shared__ __align__(16) unsigned char tutti_dynamic_shared[];
  return reinterpret_cast<T*>(tutti_dynamic_shared);
#endif
}

}  // namespace tutti::cuda
