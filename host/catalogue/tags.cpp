// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/tags.hpp"

#include <taglib/fileref.h>
#include <taglib/tfilestream.h>
#include <taglib/tpropertymap.h>

#include "host/audio/errors.hpp"
#include "host/catalogue/regular_file.hpp"

namespace tutti {
namespace {

std::string first_value(const TagLib::PropertyMap& properties, const char* name) {
  const auto found = properties.find(name);
  if (found == properties.end() || found->second.isEmpty()) return {};
  return found->second.front().stripWhiteSpace().to8Bit(true);
}

}  // namespace

AlbumTags album_tags(const std::filesystem::path& file) {
  try {
    catalogue::RegularFile regular(file);  // opening a pipe by its name would wait for a writer
  } catch (const IoError& problem) {
    if (problem.fault() == IoFault::exhausted) throw;
    return {};
  }
  // An input is never opened for writing, which a FileRef of a name would try first.
  TagLib::FileStream stream(file.c_str(), true);
  if (!stream.isOpen()) return {};
  const TagLib::FileRef tagged(&stream, false);  // no audio properties: they cost a scan
  if (tagged.isNull() || tagged.file() == nullptr) return {};
  const TagLib::PropertyMap properties = tagged.file()->properties();
  return {first_value(properties, "ALBUM"), first_value(properties, "ALBUMARTIST")};
}

}  // namespace tutti
