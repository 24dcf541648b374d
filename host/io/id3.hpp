// SPDX-License-Identifier: Apache-2.0
// ID3v2 tags as bytes: at the start of MPEG audio, in chunks of WAV and AIFF.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "host/io/metadata.hpp"
#include "host/io/metadata_losses.hpp"

namespace tutti::io {

struct Id3Content {
  std::vector<Tag> tags;
  std::vector<Picture> pictures;
  std::vector<Id3Piece> pieces;      ///< frames of other kinds that mean the same in any tag
  std::vector<std::string> unknown;  ///< names of frames that have no place in any of these
};

/// Reads a tag. Frames that would have to be inflated, decrypted or that hold frames themselves are
/// not looked into: a few bytes of them can ask for any amount of memory.
Id3Content read_id3(std::span<const std::byte> bytes);

/// The same of MPEG audio: an ID3v2 tag in front, APE and ID3v1 behind.
Id3Content read_mpeg_tags(std::span<const std::byte> front, std::span<const std::byte> back);

/// An ID3v2.4 tag; empty if there is nothing to say. The same tags make the same bytes.
Bytes write_id3(const std::vector<Tag>& tags, const std::vector<Picture>& pictures,
                const std::vector<Id3Piece>& pieces, const MetadataLosses& losses);

/// A tag without frames about the loudness of the input (RVA2, REPLAYGAIN_… and their relatives).
/// As long as before: zeros fill up. A tag without such frames comes back as it is.
Bytes without_replay_gain(const Bytes& tag, const MetadataLosses& losses);

}  // namespace tutti::io
