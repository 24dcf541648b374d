// SPDX-License-Identifier: Apache-2.0
// The checksums of FLAC's frames [RFC 9639, 9.1.8 and 9.3].
#pragma once

#include <cstdint>
#include <span>

namespace tutti::flac {

/// Of a frame's header: x^8 + x^2 + x + 1.
std::uint8_t crc8(std::span<const std::uint8_t> bytes);

/// Of a whole frame: x^16 + x^15 + x^2 + 1.
std::uint16_t crc16(std::span<const std::uint8_t> bytes);

}  // namespace tutti::flac
