// SPDX-License-Identifier: Apache-2.0
#include "fibres.hpp"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>

#include "context.hpp"
#include "sanitizers.hpp"

namespace cudacpu {
namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kStackBytes = kPlain ? 64 << 10 : 256 << 10;  // sanitizers widen every frame

Fibre* left = nullptr;  // who switched last

// Stacks begin at different lines of their pages: were they all to begin at the same one, the
// threads of a block would throw each other out of the same few sets of the cache.
constexpr std::size_t kColours = 32;
constexpr std::size_t kColourBytes = 128;

Fibre* new_fibre() {
  void* map = mmap(nullptr, kStackBytes + kPageBytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map == MAP_FAILED) {
    std::fputs("cudacpu: no memory for the stacks of a block\n", stderr);
    std::abort();
  }
  mprotect(map, kPageBytes, PROT_NONE);  // an overflow traps
  auto* fibre = new Fibre;
  fibre->stack = static_cast<char*>(map) + kPageBytes;
  fibre->bottom = fibre->stack;
  static std::size_t made = 0;
  fibre->size_bytes = kStackBytes - made++ % kColours * kColourBytes;
  return fibre;
}

// Tells ASan where the stack is that it left, which for the host's own it alone knows.
void arrived([[maybe_unused]] void* fake_stack) {
#ifdef CUDACPU_ADDRESS_SANITIZER
  __sanitizer_finish_switch_fiber(fake_stack, &left->bottom, &left->size_bytes);
#endif
}

}  // namespace

Fibre* FibrePool::take(void (*entry)()) {
  if (unused_.empty()) unused_.push_back(new_fibre());
  Fibre* fibre = unused_.back();
  unused_.pop_back();
  fibre->stack_pointer = new_context(fibre->stack + fibre->size_bytes, entry);
  fibre->fake_stack = nullptr;
  return fibre;
}

void FibrePool::give_back(Fibre* fibre) {
#ifdef CUDACPU_ADDRESS_SANITIZER
  __asan_unpoison_memory_region(fibre->stack, kStackBytes);
#endif
  unused_.push_back(fibre);
}

void switch_fibre(Fibre& from, Fibre& to) {
  left = &from;
#ifdef CUDACPU_ADDRESS_SANITIZER
  __sanitizer_start_switch_fiber(&from.fake_stack, to.bottom, to.size_bytes);
#endif
  cudacpu_switch(&from.stack_pointer, to.stack_pointer);
  arrived(from.fake_stack);
}

void begin_fibre() { arrived(nullptr); }

}  // namespace cudacpu
