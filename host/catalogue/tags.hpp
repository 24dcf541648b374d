// SPDX-License-Identifier: Apache-2.0
// What the tags of a file say about where it belongs.
#pragma once

#include <filesystem>
#include <string>

namespace tutti {

/// UTF-8; empty: no such tag.
struct AlbumTags {
  std::string album;   ///< ALBUM
  std::string artist;  ///< ALBUMARTIST
};

/// None of both: no regular file that can be read. Throws IoError (IoFault::exhausted) when it may
/// be read later.
AlbumTags album_tags(const std::filesystem::path& file);

}  // namespace tutti
