// SPDX-License-Identifier: Apache-2.0
// Inside a kernel: what the lanes of a warp exchange.
#pragma once

#include "emulated/threads.h"

inline void __syncwarp(unsigned mask = 0xffffffffU, cudacpu::Place place = cudacpu::Place::here()) {
  cudacpu::warp_operation(mask, cudacpu::WarpOp::sync, {}, 0, place);
}
inline unsigned __ballot_sync(unsigned mask, int predicate,
                              cudacpu::Place place = cudacpu::Place::here()) {
  return static_cast<unsigned>(
      cudacpu::warp_operation(mask, cudacpu::WarpOp::ballot, {predicate != 0, 0}, 0, place).low);
}
inline int __any_sync(unsigned mask, int predicate, cudacpu::Place place = cudacpu::Place::here()) {
  return __ballot_sync(mask, predicate, place) != 0;
}
inline int __all_sync(unsigned mask, int predicate, cudacpu::Place place = cudacpu::Place::here()) {
  return __ballot_sync(mask, predicate == 0, place) == 0;
}
inline unsigned __activemask() = delete;  // its value means nothing on the device either

namespace cudacpu {

template <typename T>
T shuffle(unsigned mask, T value, int source_lane, Place place) {
  return unpack<T>(warp_operation(mask, WarpOp::shuffle, pack(value), source_lane, place));
}

}  // namespace cudacpu

// Each shuffle names the lane to read; one that would leave the segment of `width` lanes reads
// itself.
template <typename T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32,
              cudacpu::Place place = cudacpu::Place::here()) {
  const int segment = cudacpu::lane() & ~(width - 1);
  return cudacpu::shuffle(mask, value, segment | (source & (width - 1)), place);
}
template <typename T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32,
                 cudacpu::Place place = cudacpu::Place::here()) {
  const int lane = cudacpu::lane();
  const int source = lane - static_cast<int>(delta);
  return cudacpu::shuffle(mask, value, source < (lane & ~(width - 1)) ? lane : source, place);
}
template <typename T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32,
                   cudacpu::Place place = cudacpu::Place::here()) {
  const int lane = cudacpu::lane();
  const int source = lane + static_cast<int>(delta);
  return cudacpu::shuffle(mask, value, source > (lane | (width - 1)) ? lane : source, place);
}
template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int flip, int width = 32,
                  cudacpu::Place place = cudacpu::Place::here()) {
  const int lane = cudacpu::lane();
  const int source = lane ^ flip;
  return cudacpu::shuffle(mask, value, source > (lane | (width - 1)) ? lane : source, place);
}
template <typename T>
unsigned __match_any_sync(unsigned mask, T value, cudacpu::Place place = cudacpu::Place::here()) {
  return static_cast<unsigned>(
      cudacpu::warp_operation(mask, cudacpu::WarpOp::match_any, cudacpu::pack(value), 0, place)
          .low);
}

#define CUDACPU_REDUCTION(name, scalar, op)                                                        \
  inline scalar name(unsigned mask, scalar value, cudacpu::Place place = cudacpu::Place::here()) { \
    return static_cast<scalar>(cudacpu::warp_operation(mask, cudacpu::WarpOp::op,                  \
                                                       {static_cast<unsigned>(value), 0}, 0,       \
                                                       place)                                      \
                                   .low);                                                          \
  }
CUDACPU_REDUCTION(__reduce_add_sync, unsigned, add)
CUDACPU_REDUCTION(__reduce_add_sync, int, add)
CUDACPU_REDUCTION(__reduce_min_sync, int, min)
CUDACPU_REDUCTION(__reduce_max_sync, int, max)
CUDACPU_REDUCTION(__reduce_min_sync, unsigned, umin)
CUDACPU_REDUCTION(__reduce_max_sync, unsigned, umax)
CUDACPU_REDUCTION(__reduce_and_sync, unsigned, all)
CUDACPU_REDUCTION(__reduce_or_sync, unsigned, any)
CUDACPU_REDUCTION(__reduce_xor_sync, unsigned, toggle)
#undef CUDACPU_REDUCTION
