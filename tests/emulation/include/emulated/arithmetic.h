// SPDX-License-Identifier: Apache-2.0
// Intrinsics of one thread: arithmetic with stated rounding, conversions, bits, cached loads.
#pragma once

#include <cmath>

#include "emulated/hooks.h"

namespace cudacpu {

// Keeps the host compiler from contracting or reordering around a value, as the _rn intrinsics
// promise on the device.
#if defined(__x86_64__)
#define CUDACPU_FLOAT_REGISTER "+x"
#else
#define CUDACPU_FLOAT_REGISTER "+w"
#endif
template <typename T>
[[gnu::always_inline]] inline T opaque(T value) {
  asm("" : CUDACPU_FLOAT_REGISTER(value));
  return value;
}

}  // namespace cudacpu

inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }
inline float __fadd_rn(float a, float b) { return cudacpu::opaque(a + b); }
inline float __fsub_rn(float a, float b) { return cudacpu::opaque(a - b); }
inline float __fmul_rn(float a, float b) { return cudacpu::opaque(a * b); }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return __builtin_sqrtf(a); }
inline double __dadd_rn(double a, double b) { return cudacpu::opaque(a + b); }
inline double __dsub_rn(double a, double b) { return cudacpu::opaque(a - b); }
inline double __dmul_rn(double a, double b) { return cudacpu::opaque(a * b); }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __dsqrt_rn(double a) { return __builtin_sqrt(a); }

// The fast-math intrinsics (__expf, __logf, __sinf, …) are missing on purpose: their error on the
// device is none that this layer could show, and the house rules do not allow them.
inline float rsqrtf(float a) { return 1.0F / std::sqrt(a); }
inline double rsqrt(double a) { return 1.0 / std::sqrt(a); }
inline double sinpi(double a) { return std::sin(3.14159265358979323846 * std::fmod(a, 2.0)); }
inline double cospi(double a) { return std::cos(3.14159265358979323846 * std::fmod(a, 2.0)); }
inline float sinpif(float a) { return static_cast<float>(sinpi(static_cast<double>(a))); }
inline float cospif(float a) { return static_cast<float>(cospi(static_cast<double>(a))); }
inline void sincospif(float a, float* sine, float* cosine) {
  *sine = sinpif(a);
  *cosine = cospif(a);
}
inline float __saturatef(float a) { return a >= 0.0F ? (a > 1.0F ? 1.0F : a) : 0.0F; }

// Conversions saturate, and NaN becomes 0; in C++ both are undefined.
inline int __float2int_rz(float a) {
  if (a != a) return 0;
  if (a >= 2147483648.0F) return 2147483647;
  if (a < -2147483648.0F) return -2147483647 - 1;
  return static_cast<int>(a);
}
inline int __float2int_rn(float a) { return __float2int_rz(std::nearbyint(a)); }
inline int __double2int_rz(double a) {
  if (a != a) return 0;
  if (a >= 2147483647.0) return 2147483647;
  if (a <= -2147483648.0) return -2147483647 - 1;
  return static_cast<int>(a);
}
inline int __double2int_rn(double a) { return __double2int_rz(std::nearbyint(a)); }
inline float __int2float_rn(int a) { return static_cast<float>(a); }
inline float __uint2float_rn(unsigned a) { return static_cast<float>(a); }
inline float __double2float_rn(double a) { return static_cast<float>(a); }

inline int __float_as_int(float a) { return cudacpu::unpack<int>(cudacpu::pack(a)); }
inline unsigned __float_as_uint(float a) { return cudacpu::unpack<unsigned>(cudacpu::pack(a)); }
inline float __int_as_float(int a) { return cudacpu::unpack<float>(cudacpu::pack(a)); }
inline float __uint_as_float(unsigned a) { return cudacpu::unpack<float>(cudacpu::pack(a)); }
inline long long __double_as_longlong(double a) {
  return cudacpu::unpack<long long>(cudacpu::pack(a));
}
inline double __longlong_as_double(long long a) {
  return cudacpu::unpack<double>(cudacpu::pack(a));
}

inline int __popc(unsigned a) { return __builtin_popcount(a); }
inline int __popcll(unsigned long long a) { return __builtin_popcountll(a); }
inline int __clz(int a) { return a != 0 ? __builtin_clz(static_cast<unsigned>(a)) : 32; }
inline int __clzll(long long a) {
  return a != 0 ? __builtin_clzll(static_cast<unsigned long long>(a)) : 64;
}
inline int __ffs(int a) { return __builtin_ffs(a); }
inline unsigned __brev(unsigned a) {
  unsigned reversed = 0;
  for (int bit = 0; bit < 32; ++bit) reversed |= ((a >> bit) & 1U) << (31 - bit);
  return reversed;
}
inline unsigned __byte_perm(unsigned a, unsigned b, unsigned selector) {
  const unsigned long long bytes = (static_cast<unsigned long long>(b) << 32) | a;
  unsigned result = 0;
  for (int i = 0; i < 4; ++i) {
    const unsigned from = 8 * ((selector >> (4 * i)) & 7U);
    result |= static_cast<unsigned>((bytes >> from) & 0xffU) << (8 * i);
  }
  return result;
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  const unsigned long long both = (static_cast<unsigned long long>(high) << 32) | low;
  return static_cast<unsigned>(both >> (shift & 31U));
}

template <typename T>
T __ldg(const T* p) {
  return *p;
}
template <typename T>
T __ldcs(const T* p) {
  return *p;
}
template <typename T>
T __ldcg(const T* p) {
  return *p;
}
template <typename T>
void __stcs(T* p, T value) {
  *p = value;
}
template <typename T>
void __stcg(T* p, T value) {
  *p = value;
}

#define CUDACPU_MIN_MAX(scalar)                                             \
  inline constexpr scalar min(scalar a, scalar b) { return b < a ? b : a; } \
  inline constexpr scalar max(scalar a, scalar b) { return a < b ? b : a; }
CUDACPU_MIN_MAX(int)
CUDACPU_MIN_MAX(unsigned)
CUDACPU_MIN_MAX(long)
CUDACPU_MIN_MAX(unsigned long)
CUDACPU_MIN_MAX(long long)
CUDACPU_MIN_MAX(unsigned long long)
#undef CUDACPU_MIN_MAX
inline float min(float a, float b) { return std::fmin(a, b); }
inline float max(float a, float b) { return std::fmax(a, b); }
inline double min(double a, double b) { return std::fmin(a, b); }
inline double max(double a, double b) { return std::fmax(a, b); }
