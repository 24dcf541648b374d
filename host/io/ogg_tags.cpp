// SPDX-License-Identifier: Apache-2.0
#include "host/io/ogg_tags.hpp"

#include <flacpicture.h>
#include <oggflacfile.h>
#include <opusfile.h>
#include <speexfile.h>
#include <vorbisfile.h>

#include <memory>

#include "host/io/metadata_reader.hpp"
#include "host/io/taglib_stream.hpp"
#include "host/io/taglib_text.hpp"
#include "host/io/text_tags.hpp"

namespace tutti::io {
namespace {

namespace Ogg = TagLib::Ogg;
using TagLib::AudioProperties;

/// An Ogg file by what its first packet is, behind a page header with one segment.
struct OggFile {
  OggFile(TaglibStream& stream, std::string_view packet) {
    silence_taglib();
    constexpr bool kProperties = false;
    if (packet.starts_with("\x01vorbis")) {
      hold(std::make_unique<Ogg::Vorbis::File>(&stream, kProperties));
    } else if (packet.starts_with("OpusHead")) {
      hold(std::make_unique<Ogg::Opus::File>(&stream, kProperties));
    } else if (packet.starts_with("\x7f"
                                  "FLAC")) {
      hold(std::make_unique<Ogg::FLAC::File>(&stream, kProperties));
    } else if (packet.starts_with("Speex   ")) {
      hold(std::make_unique<Ogg::Speex::File>(&stream, kProperties));
    }
  }

  std::unique_ptr<TagLib::File> file;
  Ogg::XiphComment* comment = nullptr;

 private:
  template <typename File>
  void hold(std::unique_ptr<File> opened) {
    if (opened->isValid()) comment = opened->tag();
    file = std::move(opened);
  }
};

template <typename File>
std::string first_packet(File& file) {
  std::string packet(8, '\0');
  packet.resize(file.read_at(28, packet.data(), packet.size()));
  return packet;
}

Picture picture_of(const TagLib::FLAC::Picture& from) {
  Picture picture;
  picture.kind = static_cast<std::uint32_t>(from.type());
  picture.mime = from_taglib(from.mimeType());
  picture.description = from_taglib(from.description());
  picture.width = static_cast<std::uint32_t>(from.width());
  picture.height = static_cast<std::uint32_t>(from.height());
  picture.depth = static_cast<std::uint32_t>(from.colorDepth());
  picture.colours = static_cast<std::uint32_t>(from.numColors());
  picture.data = from_taglib(from.data());
  return picture;
}

TagLib::FLAC::Picture* to_taglib_picture(const Picture& from) {
  auto* picture = new TagLib::FLAC::Picture;
  picture->setType(static_cast<TagLib::FLAC::Picture::Type>(std::min(from.kind, 20u)));
  picture->setMimeType(to_taglib(from.mime));
  picture->setDescription(to_taglib(from.description));
  picture->setWidth(static_cast<int>(from.width));
  picture->setHeight(static_cast<int>(from.height));
  picture->setColorDepth(static_cast<int>(from.depth));
  picture->setNumColors(static_cast<int>(from.colours));
  picture->setData(to_taglib(from.data));
  return picture;
}

}  // namespace

void read_ogg_metadata(MetadataReader& reader) {
  reader.metadata.container = "Ogg";
  TaglibInput stream(reader.file, kLargestChunkBytes);
  OggFile ogg(stream, first_packet(reader.file));
  stream.rethrow();
  if (ogg.comment == nullptr) return reader.dropped("the comments of the Ogg file can not be read");
  reader.metadata.tags = tags_of(ogg.comment->properties());
  for (const TagLib::FLAC::Picture* picture : ogg.comment->pictureList()) {
    reader.metadata.pictures.push_back(picture_of(*picture));
  }
}

void write_ogg_tags(OutputFile& file, const WriteSpec& spec) {
  const MetadataLosses losses(spec);
  TaglibOutput stream(file);
  OggFile ogg(stream, first_packet(file));
  if (ogg.comment == nullptr) {
    throw IoError(file.name(), "the encoder's comments can not be found", IoFault::output);
  }
  TagLib::PropertyMap properties = ogg.comment->properties();
  properties.merge(properties_of(lasting_tags(*spec.metadata, losses)));
  const TagLib::PropertyMap rest = ogg.comment->setProperties(properties);
  if (!rest.isEmpty()) losses.dropped("Ogg has no place for " + list_names(keys_of(rest)));
  for (const Picture& picture : spec.metadata->pictures) {
    ogg.comment->addPicture(to_taglib_picture(picture));  // the comment's from here on
  }
  const bool saved = ogg.file->save();
  stream.rethrow();
  if (!saved) throw IoError(file.name(), "its tags can not be written", IoFault::output);
}

}  // namespace tutti::io
