// SPDX-License-Identifier: Apache-2.0
// Between our tags and TagLib's.
#pragma once

#include <tpropertymap.h>

#include <string>
#include <vector>

#include "host/io/metadata.hpp"

namespace tutti::io {

/// TagLib says on stderr what it thinks of a file, unless somebody listens. Call before any use.
void silence_taglib();

inline TagLib::String to_taglib(const std::string& text) {
  return TagLib::String(text, TagLib::String::UTF8);
}
inline std::string from_taglib(const TagLib::String& text) { return text.to8Bit(true); }

std::vector<Tag> tags_of(const TagLib::PropertyMap& properties);
TagLib::PropertyMap properties_of(const std::vector<Tag>& tags);

/// The keys that stand in `properties`.
std::vector<std::string> keys_of(const TagLib::PropertyMap& properties);

TagLib::ByteVector to_taglib(std::span<const std::byte> bytes);
Bytes from_taglib(const TagLib::ByteVector& bytes);

}  // namespace tutti::io
