// SPDX-License-Identifier: Apache-2.0
// What the device was given to do, counted: launches, copies and, of kernels that were compiled to
// tell their accesses, the bytes of device memory that each launch touches.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda_runtime.h"

namespace cudacpu {

/// A launch begins to run, and has run.
void count_launch_begin();
void count_launch_end(const void* kernel, std::uint64_t blocks);
/// A call of cuFFT: so many transforms, and what they read and write at least.
void count_transforms(const char* call, std::uint64_t transforms, std::uint64_t read_bytes,
                      std::uint64_t written_bytes);
void count_copy(cudaMemcpyKind kind, std::size_t size_bytes);
void count_fill(std::size_t size_bytes);

/// A kernel loads or stores. Compilers call it through the interface of ThreadSanitizer, whose
/// runtime this replaces in programs that are linked without it.
void note_access(const void* address, std::size_t size_bytes, bool stores);

}  // namespace cudacpu
