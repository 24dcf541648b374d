// SPDX-License-Identifier: Apache-2.0
// FLAC's frames [RFC 9639, 9]: blocks of whole numbers, each coded on its own.
#pragma once

#include <cstdint>
#include <span>

#include "host/audio/block_view.hpp"
#include "host/flac/bit_writer.hpp"
#include "host/flac/frame_codes.hpp"
#include "host/flac/subframe.hpp"

namespace tutti::flac {

/// Frames of a block; a shorter one ends a stream. What libFLAC's levels 3 to 8 have, and within
/// the streamable subset at every rate.
inline constexpr int kBlockFrames = 4096;

/// Codes blocks as libFLAC's level 5 does: a linear predictor of up to eight coefficients, stereo
/// as the pair that takes the fewest bits of left, right, their half sum and their difference. The
/// same bits whatever the width of the vectors.
class FrameEncoder {
 public:
  explicit FrameEncoder(const StreamFormat& format);

  /// The frame of `block`, 1 to kBlockFrames frames of all channels, the `number`th of the stream.
  /// It lives until the next call.
  std::span<const std::uint8_t> encode(BasicBlockView<const std::int32_t> block,
                                       std::uint64_t number);

 private:
  void write_header(int frames, unsigned channel_code, std::uint64_t number);
  void encode_pair(BasicBlockView<const std::int32_t> block, std::uint64_t number);
  void encode_channels(BasicBlockView<const std::int32_t> block, std::uint64_t number);

  StreamFormat format_;
  Workspace workspace_;
  std::vector<Subframe> subframes_;  ///< left, right, mid, side; or one, for each in turn
  BitWriter bits_;
  std::vector<std::int32_t> mid_, side_;
};

}  // namespace tutti::flac
