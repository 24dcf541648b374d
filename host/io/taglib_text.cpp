// SPDX-License-Identifier: Apache-2.0
#include "host/io/taglib_text.hpp"

#include <tdebuglistener.h>

namespace tutti::io {
namespace {

/// Listens from its construction on, until the program ends.
class NoListener final : public TagLib::DebugListener {
 public:
  NoListener() { TagLib::setDebugListener(this); }
  ~NoListener() override { TagLib::setDebugListener(nullptr); }  // TagLib's own again
  void printMessage(const TagLib::String&) override {}
};

}  // namespace

void silence_taglib() { static NoListener listener; }

std::vector<Tag> tags_of(const TagLib::PropertyMap& properties) {
  std::vector<Tag> tags;
  for (const auto& [key, values] : properties) {
    for (const TagLib::String& value : values) {
      if (!value.isEmpty()) tags.push_back({from_taglib(key), from_taglib(value)});
    }
  }
  return tags;
}

TagLib::PropertyMap properties_of(const std::vector<Tag>& tags) {
  TagLib::PropertyMap properties;
  for (const Tag& tag : tags) properties.insert(to_taglib(tag.key), to_taglib(tag.value));
  return properties;
}

std::vector<std::string> keys_of(const TagLib::PropertyMap& properties) {
  std::vector<std::string> keys;
  for (const auto& [key, values] : properties) keys.push_back(from_taglib(key));
  return keys;
}

TagLib::ByteVector to_taglib(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), static_cast<unsigned>(bytes.size())};
}

Bytes from_taglib(const TagLib::ByteVector& bytes) {
  return to_bytes({bytes.data(), bytes.size()});
}

}  // namespace tutti::io
