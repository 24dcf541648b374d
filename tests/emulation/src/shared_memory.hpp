// SPDX-License-Identifier: Apache-2.0
// Shared memory: where a kernel's `__shared__` variables are, and what they hold when a block
// begins.
#pragma once

#include <cstddef>
#include <string>

namespace cudacpu {

/// The shared memory of one launch. One at a time.
class SharedMemory {
 public:
  SharedMemory(const void* kernel, std::size_t dynamic_bytes);
  /// Poisons all of it: a new block begins.
  void reset();

 private:
  const struct KernelShape& shape_;
  std::size_t dynamic_bytes_;
};

/// Without its parameters.
std::string name_of_kernel(const void* kernel);
/// With them: other files may have kernels of the same name.
std::string signature_of_kernel(const void* kernel);

}  // namespace cudacpu
