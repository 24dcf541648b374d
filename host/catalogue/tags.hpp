// SPDX-License-Identifier: Apache-2.0
// What the tags of a file say about where it belongs.
#pragma once

#include <filesystem>
#include <string>

namespace tutti {

/// The tag ALBUM, with ALBUMARTIST in front where there is one ("Artist – Album"), as UTF-8. Empty:
/// no such tag, or no regular file that can be read. Throws IoError (IoFault::exhausted) when it
/// may be read later.
std::string album_tag(const std::filesystem::path& file);

}  // namespace tutti
