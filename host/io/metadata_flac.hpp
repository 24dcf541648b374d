// SPDX-License-Identifier: Apache-2.0
// The metadata blocks of FLAC [RFC 9639, section 8], as bytes.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "host/io/metadata.hpp"
#include "host/io/metadata_losses.hpp"
#include "host/io/position_map.hpp"

namespace tutti::io {

enum FlacBlockType {
  kFlacStreamInfo = 0,
  kFlacPadding = 1,
  kFlacApplication = 2,
  kFlacSeekTable = 3,
  kFlacComments = 4,
  kFlacCueSheet = 5,
  kFlacPicture = 6,
  kFlacInvalid = 127
};

/// The blocks of a FLAC output behind STREAMINFO: comments first, then what `spec.metadata` has.
/// Seek tables and padding are left out, and so are blocks of other containers' headers
/// (`flac --keep-foreign-metadata`): they describe a file that the output does not decode to.
std::vector<FlacBlock> flac_blocks(const WriteSpec& spec);

/// None where the block contradicts itself.
std::optional<std::vector<Tag>> parse_comments(std::span<const std::byte> body);
std::optional<Picture> parse_picture(std::span<const std::byte> body);
Bytes comments_body(const std::vector<Tag>& tags);
Bytes picture_body(const Picture& picture);

/// A cue sheet whose tracks moved; none if one of them, or the end, is outside the output or, on a
/// CD, does not fall on a frame of 588 samples any more.
std::optional<Bytes> adapt_cue_sheet(const Bytes& body, const PositionMap& map);

}  // namespace tutti::io
