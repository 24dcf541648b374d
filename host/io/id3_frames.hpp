// SPDX-License-Identifier: Apache-2.0
// The frames of an ID3v2 tag, by their borders alone [id3.org: ID3v2.2.0, 2.3.0, 2.4.0].
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/io/byte_builder.hpp"

namespace tutti::io {

struct Id3Frame {
  std::string id;         ///< three or four characters
  std::size_t begin = 0;  ///< of its header, in `Id3Frames::bytes`
  std::size_t body = 0;
  std::size_t end = 0;
  bool opaque = false;  ///< compressed or encrypted
  bool plain = true;    ///< nothing stands between header and content, and nothing is undone
};

struct Id3Frames {
  int version = 4;
  bool unsynchronised = false;  ///< of 2.4, where it is undone frame by frame
  Bytes bytes;                  ///< the frames, without header and extended header
  std::vector<Id3Frame> frames;
  bool complete = true;  ///< every frame was found; else the rest of the tag is rubbish or too much
};

/// Bytes of the tag at the start of `head` (at least 10), by its header; 0 if none stands there.
std::int64_t id3_tag_bytes(std::span<const std::byte> head);

/// None if `tag` is no tag. Looks at the first kMostId3Frames frames.
std::optional<Id3Frames> split_id3(std::span<const std::byte> tag);
inline constexpr std::size_t kMostId3Frames = 4096;

/// A frame at the end of a tag of 2.4 that nothing is undone of.
void append_frame(Id3Frames& tag, const std::string& id, std::span<const std::byte> body);

/// A tag of the frames for which `keep` holds. Not shorter than `least_bytes`: zeros fill up.
Bytes join_id3(const Id3Frames& tag, const std::function<bool(const Id3Frame&)>& keep,
               std::size_t least_bytes);

}  // namespace tutti::io
