// SPDX-License-Identifier: Apache-2.0
// The polynomial of a long row of bytes, made short.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tutti::flac {

inline constexpr std::size_t kFoldedBytes = 16;
inline constexpr std::size_t kFewestToFold = 64;

/// Sixteen bytes that leave the same remainder by crc16's polynomial as the first bytes of `bytes`,
/// which are kFewestToFold or more. Returns how many those are; all but fewer than sixteen, or none
/// where this machine has nothing that is faster than tables.
std::size_t fold_crc16(std::span<const std::uint8_t> bytes,
                       std::span<std::uint8_t, kFoldedBytes> folded);

}  // namespace tutti::flac
