// SPDX-License-Identifier: Apache-2.0
// Atomics, relaxed as on the device. No floating-point minimum or maximum: CUDA has none.
#pragma once

#include <type_traits>

namespace cudacpu {

template <typename T, typename Change>
T read_modify_write(T* target, Change change) {
  T before;
  T after;
  __atomic_load(target, &before, __ATOMIC_RELAXED);
  do {
    after = change(before);
  } while (!__atomic_compare_exchange(target, &before, &after, false, __ATOMIC_RELAXED,
                                      __ATOMIC_RELAXED));
  return before;
}

}  // namespace cudacpu

template <typename T>
T atomicAdd(T* target, std::type_identity_t<T> value) {
  return cudacpu::read_modify_write(target, [value](T before) { return T(before + value); });
}
template <typename T>
T atomicSub(T* target, std::type_identity_t<T> value) {
  return cudacpu::read_modify_write(target, [value](T before) { return T(before - value); });
}
template <typename T>
requires std::is_integral_v<T> T atomicMax(T* target, std::type_identity_t<T> value) {
  return cudacpu::read_modify_write(target,
                                    [value](T before) { return before > value ? before : value; });
}
template <typename T>
requires std::is_integral_v<T> T atomicMin(T* target, std::type_identity_t<T> value) {
  return cudacpu::read_modify_write(target,
                                    [value](T before) { return before < value ? before : value; });
}
template <typename T>
T atomicOr(T* target, std::type_identity_t<T> value) {
  return cudacpu::read_modify_write(target, [value](T before) { return T(before | value); });
}
template <typename T>
T atomicAnd(T* target, std::type_identity_t<T> value) {
  return cudacpu::read_modify_write(target, [value](T before) { return T(before & value); });
}
template <typename T>
T atomicXor(T* target, std::type_identity_t<T> value) {
  return cudacpu::read_modify_write(target, [value](T before) { return T(before ^ value); });
}
template <typename T>
T atomicExch(T* target, std::type_identity_t<T> value) {
  return cudacpu::read_modify_write(target, [value](T) { return value; });
}
inline unsigned atomicInc(unsigned* target, unsigned limit) {
  return cudacpu::read_modify_write(
      target, [limit](unsigned before) { return before >= limit ? 0U : before + 1; });
}
template <typename T>
T atomicCAS(T* target, std::type_identity_t<T> expected, std::type_identity_t<T> value) {
  __atomic_compare_exchange(target, &expected, &value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  return expected;
}
