// SPDX-License-Identifier: Apache-2.0
// The keywords that CUDA adds to C++.
#pragma once

#define TUTTI_CUDA_EMULATED 1
#define CUDART_VERSION 13000

#include <cstddef>
#include <cstdint>
// Not only <cmath>: this puts the float overloads of fma, fabs, … into the global namespace, as
// nvcc has them. Without, fma on floats quietly becomes double.
#include <math.h>

#define __global__
#define __device__
#define __host__
#define __constant__
#define __grid_constant__
#define __launch_bounds__(...)
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(n) __attribute__((aligned(n)))

// Static storage in a section whose name says what it is: the runtime finds these variables through
// the ELF file, to poison them before every block. A section for each declaration, because GCC can
// not mix variables of templates and of plain functions in one.
#define CUDACPU_TEXT_OF(x) #x
#define CUDACPU_TEXT(x) CUDACPU_TEXT_OF(x)
#define __shared__ \
  static __attribute__((section("cudacpu_shm_" CUDACPU_TEXT(__COUNTER__)), aligned(16)))

namespace cudacpu {

/// Where something stands in a source file. As a default argument, `here()` is the caller's place.
struct Place {
  const char* file = "?";
  int line = 0;

  static constexpr Place here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
};

}  // namespace cudacpu
