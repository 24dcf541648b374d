// SPDX-License-Identifier: Apache-2.0
// The pages of an Ogg file [RFC 3533, section 6].
#pragma once

#include <cstddef>
#include <cstdint>

#include "host/audio/errors.hpp"
#include "host/io/file_pool.hpp"

namespace tutti::io {

/// "OggS", version, flags, 8 bytes of position, serial at 14, number at 18, checksum at 22, the
/// count of segments at 26; then their sizes, then the segments.
inline constexpr std::size_t kOggHeaderBytes = 27;
inline constexpr std::size_t kLargestOggPageBytes = kOggHeaderBytes + 255 + 255 * 255;

/// CRC-32 with polynomial 0x04c11db7, most significant bit first, neither inverted nor reflected;
/// `value` is what came before. A page's checksum counts itself as 0.
std::uint32_t ogg_crc(const std::uint8_t* bytes, std::size_t count, std::uint32_t value = 0);

/// Decoders skip a damaged page without a word, and all that follows comes too early. So every page
/// is looked at before one is decoded: throws IoError when a checksum is wrong or a page is
/// missing. A file that stops before its end-of-stream mark is a warning ("truncated"), as in other
/// containers.
void check_ogg_pages(PooledFile& file, const WarningSink& warnings);

}  // namespace tutti::io
