// SPDX-License-Identifier: Apache-2.0
// What stands before a frame's subframes [RFC 9639, 9.1].
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "host/flac/frame_codes.hpp"

namespace tutti::flac {

struct FrameHeader {
  int frames = 0;             ///< of the block, 1 to 65536
  unsigned channel_code = 0;  ///< one less than channels on their own, or a StereoCode
  std::uint64_t number = 0;   ///< of the frame in its stream
  std::size_t bytes = 0;      ///< of the header
};

/// The header at the beginning of `bytes`, behind which BitReader::kSpareBytes are readable. None
/// where there is none, its checksum is wrong, or it is of another stream than `format`.
std::optional<FrameHeader> read_frame_header(std::span<const std::uint8_t> bytes,
                                             const StreamFormat& format);

}  // namespace tutti::flac
