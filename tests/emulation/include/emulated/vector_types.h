// SPDX-License-Identifier: Apache-2.0
// CUDA's short vectors, with the alignment that they have on the device.
#pragma once

#define CUDACPU_VECTOR2(name, scalar, alignment) \
  struct alignas(alignment) name {               \
    scalar x, y;                                 \
  };                                             \
  inline constexpr name make_##name(scalar x, scalar y) { return {x, y}; }
#define CUDACPU_VECTOR3(name, scalar) \
  struct name {                       \
    scalar x, y, z;                   \
  };                                  \
  inline constexpr name make_##name(scalar x, scalar y, scalar z) { return {x, y, z}; }
#define CUDACPU_VECTOR4(name, scalar, alignment) \
  struct alignas(alignment) name {               \
    scalar x, y, z, w;                           \
  };                                             \
  inline constexpr name make_##name(scalar x, scalar y, scalar z, scalar w) { return {x, y, z, w}; }

CUDACPU_VECTOR2(char2, signed char, 2)
CUDACPU_VECTOR2(uchar2, unsigned char, 2)
CUDACPU_VECTOR2(short2, short, 4)
CUDACPU_VECTOR2(ushort2, unsigned short, 4)
CUDACPU_VECTOR2(int2, int, 8)
CUDACPU_VECTOR2(uint2, unsigned, 8)
CUDACPU_VECTOR2(longlong2, long long, 16)
CUDACPU_VECTOR2(ulonglong2, unsigned long long, 16)
CUDACPU_VECTOR2(float2, float, 8)
CUDACPU_VECTOR2(double2, double, 16)
CUDACPU_VECTOR3(int3, int)
CUDACPU_VECTOR3(uint3, unsigned)
CUDACPU_VECTOR3(float3, float)
CUDACPU_VECTOR3(double3, double)
CUDACPU_VECTOR4(char4, signed char, 4)
CUDACPU_VECTOR4(uchar4, unsigned char, 4)
CUDACPU_VECTOR4(short4, short, 8)
CUDACPU_VECTOR4(ushort4, unsigned short, 8)
CUDACPU_VECTOR4(int4, int, 16)
CUDACPU_VECTOR4(uint4, unsigned, 16)
CUDACPU_VECTOR4(float4, float, 16)
CUDACPU_VECTOR4(double4, double, 16)

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x_size = 1, unsigned y_size = 1, unsigned z_size = 1)
      : x(x_size), y(y_size), z(z_size) {}
  constexpr dim3(uint3 size) : x(size.x), y(size.y), z(size.z) {}
};
