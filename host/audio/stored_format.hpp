// SPDX-License-Identifier: Apache-2.0
// How one sample of uncompressed audio is stored.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tutti {

enum class SampleKind { signed_integer, unsigned_integer, floating };

/// A stored sample: an integer of 1 … 4 bytes, left-justified in its container, or a float of 4
/// or 8.
struct StoredFormat {
  SampleKind kind = SampleKind::signed_integer;
  int bytes = 2;
  bool big_endian = false;
};

/// An unsigned integer stored at `from`, in either byte order.
template <std::unsigned_integral T>
T load_integer(const std::byte* from, bool big_endian) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    const std::size_t at = big_endian ? i : sizeof(T) - 1 - i;
    value = static_cast<T>(static_cast<T>(value << (sizeof(T) > 1 ? 8 : 0)) |
                           std::to_integer<T>(from[at]));
  }
  return value;
}

}  // namespace tutti
