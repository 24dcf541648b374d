// SPDX-License-Identifier: Apache-2.0
// Which sanitizer this build has, and what the runtime tells it: one set of names for all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#ifndef __has_feature
#define __has_feature(x) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define CUDACPU_ADDRESS_SANITIZER 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if __has_feature(memory_sanitizer)
#define CUDACPU_MEMORY_SANITIZER 1
#include <sanitizer/allocator_interface.h>
#include <sanitizer/msan_interface.h>
#endif
// The runtime itself is compiled without -fsanitize=thread, or every switch between fibres would be
// part of what is watched; the build defines CUDACPU_THREAD_SANITIZER instead.
#ifdef CUDACPU_THREAD_SANITIZER
extern "C" {
void* __tsan_get_current_fiber();
void* __tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void* fiber);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
void __tsan_set_fiber_name(void* fiber, const char* name);
void __tsan_acquire(void* token);
void __tsan_release(void* token);
void __tsan_java_init(unsigned long heap, unsigned long size_bytes);
void __tsan_java_alloc(unsigned long address, unsigned long size_bytes);
void __tsan_java_free(unsigned long address, unsigned long size_bytes);
}
#endif

namespace cudacpu {

#ifdef CUDACPU_ADDRESS_SANITIZER
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif
#ifdef CUDACPU_THREAD_SANITIZER
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif
#ifdef CUDACPU_MEMORY_SANITIZER
inline constexpr bool kMemorySanitizer = true;
#else
inline constexpr bool kMemorySanitizer = false;
#endif
/// No sanitizer: guard pages and traps of the runtime's own.
inline constexpr bool kPlain = !kAddressSanitizer && !kThreadSanitizer && !kMemorySanitizer;

inline constexpr unsigned char kPoisonByte = 0xff;  // four of them are a NaN, as are eight

/// Marks memory as never written: NaN everywhere, or MSan's own mark.
__attribute__((no_sanitize("address"), noinline)) inline void poison(void* memory,
                                                                     std::size_t size_bytes) {
#if defined(CUDACPU_MEMORY_SANITIZER)
  __msan_poison(memory, size_bytes);
#elif defined(CUDACPU_ADDRESS_SANITIZER) || defined(CUDACPU_THREAD_SANITIZER)
  // Not memset, which the sanitizers watch: sections of shared memory hold red zones.
  volatile unsigned char* bytes = static_cast<volatile unsigned char*>(memory);
  for (std::size_t i = 0; i < size_bytes; ++i) bytes[i] = kPoisonByte;
#else
  std::memset(memory, kPoisonByte, size_bytes);
#endif
}

/// TSan: this memory begins a new life, no earlier access races with what follows.
inline void forget_accesses([[maybe_unused]] void* memory,
                            [[maybe_unused]] std::size_t size_bytes) {
#ifdef CUDACPU_THREAD_SANITIZER
  static const bool once = [] {
    __tsan_java_init(4096, 0x7ffffffff000UL - 4096);  // "the heap" is everything
    return true;
  }();
  static_cast<void>(once);
  const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(memory) & ~7UL;
  const std::uintptr_t end = (reinterpret_cast<std::uintptr_t>(memory) + size_bytes + 7) & ~7UL;
  __tsan_java_free(begin, end - begin);
  __tsan_java_alloc(begin, end - begin);
#endif
}

/// A happens-before edge from everyone who released `token` to everyone who acquires it later.
inline void release(void* token) {
#ifdef CUDACPU_THREAD_SANITIZER
  __tsan_release(token);
#else
  static_cast<void>(token);
#endif
}
inline void acquire(void* token) {
#ifdef CUDACPU_THREAD_SANITIZER
  __tsan_acquire(token);
#else
  static_cast<void>(token);
#endif
}

}  // namespace cudacpu
