// SPDX-License-Identifier: Apache-2.0
// Where emulated allocations get their memory: between guard pages, or under a sanitizer from its
// heap.
#pragma once

#include <cstddef>

namespace cudacpu {

struct Mapping {
  char* data = nullptr;
  std::size_t size_bytes = 0;
  char* body = nullptr;  ///< plain builds: the pages that hold the data
  std::size_t body_bytes = 0;
};

/// Poisoned memory. False if there is none left.
bool map_memory(std::size_t size_bytes, Mapping& mapping);
void unmap_memory(const Mapping& mapping);
/// Plain builds: whether touching it traps.
void set_accessible(const Mapping& mapping, bool accessible);
/// Plain builds: nobody wrote to the rest of the pages. The memory must be accessible.
bool canaries_intact(const Mapping& mapping);

}  // namespace cudacpu
