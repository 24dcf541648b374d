// SPDX-License-Identifier: Apache-2.0
// What -fsanitize=thread makes a compiler call at every load and store, answered by counting
// instead of by ThreadSanitizer: for programs that are compiled with it and linked without.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "traffic.hpp"

using cudacpu::note_access;

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_read(void**) {}
void __tsan_vptr_update(void**, void*) {}
void __tsan_ignore_thread_begin() {}
void __tsan_ignore_thread_end() {}

#define TUTTI_ACCESSES(bytes)                                                              \
  void __tsan_read##bytes(void* address) { note_access(address, bytes, false); }           \
  void __tsan_write##bytes(void* address) { note_access(address, bytes, true); }           \
  void __tsan_unaligned_read##bytes(void* address) { note_access(address, bytes, false); } \
  void __tsan_unaligned_write##bytes(void* address) { note_access(address, bytes, true); } \
  void __tsan_volatile_read##bytes(void* address) { note_access(address, bytes, false); }  \
  void __tsan_volatile_write##bytes(void* address) { note_access(address, bytes, true); }
TUTTI_ACCESSES(1)
TUTTI_ACCESSES(2)
TUTTI_ACCESSES(4)
TUTTI_ACCESSES(8)
TUTTI_ACCESSES(16)
#undef TUTTI_ACCESSES

void __tsan_read_range(void* address, std::size_t bytes) { note_access(address, bytes, false); }
void __tsan_write_range(void* address, std::size_t bytes) { note_access(address, bytes, true); }
void* __tsan_memcpy(void* to, const void* from, std::size_t bytes) {
  note_access(from, bytes, false);
  note_access(to, bytes, true);
  return std::memcpy(to, from, bytes);
}
void* __tsan_memmove(void* to, const void* from, std::size_t bytes) {
  note_access(from, bytes, false);
  note_access(to, bytes, true);
  return std::memmove(to, from, bytes);
}
void* __tsan_memset(void* to, int value, std::size_t bytes) {
  note_access(to, bytes, true);
  return std::memset(to, value, bytes);
}

// Atomics are instrumented whole, so they have to happen here. Host code has some, too.
#define TUTTI_ATOMICS(bits)                                                                     \
  std::uint##bits##_t __tsan_atomic##bits##_load(const volatile std::uint##bits##_t* at, int) { \
    note_access(const_cast<const std::uint##bits##_t*>(at), bits / 8, false);                   \
    return __atomic_load_n(at, __ATOMIC_SEQ_CST);                                               \
  }                                                                                             \
  void __tsan_atomic##bits##_store(volatile std::uint##bits##_t* at, std::uint##bits##_t value, \
                                   int) {                                                       \
    note_access(const_cast<const std::uint##bits##_t*>(at), bits / 8, true);                    \
    __atomic_store_n(at, value, __ATOMIC_SEQ_CST);                                              \
  }                                                                                             \
  std::uint##bits##_t __tsan_atomic##bits##_exchange(volatile std::uint##bits##_t* at,          \
                                                     std::uint##bits##_t value, int) {          \
    note_access(const_cast<const std::uint##bits##_t*>(at), bits / 8, true);                    \
    return __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);                                    \
  }                                                                                             \
  std::uint##bits##_t __tsan_atomic##bits##_fetch_add(volatile std::uint##bits##_t* at,         \
                                                      std::uint##bits##_t value, int) {         \
    note_access(const_cast<const std::uint##bits##_t*>(at), bits / 8, true);                    \
    return __atomic_fetch_add(at, value, __ATOMIC_SEQ_CST);                                     \
  }                                                                                             \
  std::uint##bits##_t __tsan_atomic##bits##_fetch_sub(volatile std::uint##bits##_t* at,         \
                                                      std::uint##bits##_t value, int) {         \
    note_access(const_cast<const std::uint##bits##_t*>(at), bits / 8, true);                    \
    return __atomic_fetch_sub(at, value, __ATOMIC_SEQ_CST);                                     \
  }                                                                                             \
  std::uint##bits##_t __tsan_atomic##bits##_fetch_or(volatile std::uint##bits##_t* at,          \
                                                     std::uint##bits##_t value, int) {          \
    note_access(const_cast<const std::uint##bits##_t*>(at), bits / 8, true);                    \
    return __atomic_fetch_or(at, value, __ATOMIC_SEQ_CST);                                      \
  }                                                                                             \
  std::uint##bits##_t __tsan_atomic##bits##_fetch_and(volatile std::uint##bits##_t* at,         \
                                                      std::uint##bits##_t value, int) {         \
    note_access(const_cast<const std::uint##bits##_t*>(at), bits / 8, true);                    \
    return __atomic_fetch_and(at, value, __ATOMIC_SEQ_CST);                                     \
  }                                                                                             \
  int __tsan_atomic##bits##_compare_exchange_strong(volatile std::uint##bits##_t* at,           \
                                                    std::uint##bits##_t* expected,              \
                                                    std::uint##bits##_t wanted, int, int) {     \
    note_access(const_cast<const std::uint##bits##_t*>(at), bits / 8, true);                    \
    return __atomic_compare_exchange_n(at, expected, wanted, false, __ATOMIC_SEQ_CST,           \
                                       __ATOMIC_SEQ_CST);                                       \
  }                                                                                             \
  int __tsan_atomic##bits##_compare_exchange_weak(volatile std::uint##bits##_t* at,             \
                                                  std::uint##bits##_t* expected,                \
                                                  std::uint##bits##_t wanted, int, int) {       \
    return __tsan_atomic##bits##_compare_exchange_strong(at, expected, wanted, 0, 0);           \
  }
TUTTI_ATOMICS(8)
TUTTI_ATOMICS(16)
TUTTI_ATOMICS(32)
TUTTI_ATOMICS(64)
#undef TUTTI_ATOMICS

void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
void __tsan_atomic_signal_fence(int) { __atomic_signal_fence(__ATOMIC_SEQ_CST); }

}  // extern "C"
