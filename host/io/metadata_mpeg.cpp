// SPDX-License-Identifier: Apache-2.0
// The tags of MPEG audio: ID3v2 in front, APE and ID3v1 behind.
#include <array>

#include "host/io/id3.hpp"
#include "host/io/id3_frames.hpp"
#include "host/io/metadata_reader.hpp"

namespace tutti::io {
namespace {

constexpr std::int64_t kId3v1Bytes = 128;
constexpr std::int64_t kApeFooterBytes = 32;

std::string text_at(PooledFile& file, std::int64_t at, std::size_t bytes) {
  std::string text(bytes, '\0');
  text.resize(at < 0 ? 0 : file.read_at(at, text.data(), bytes));
  return text;
}

/// Where the tags behind the audio begin; the end of the file if there are none.
std::int64_t back_tags(MetadataReader& reader) {
  PooledFile& file = reader.file;
  std::int64_t begin = file.size_bytes();
  if (text_at(file, begin - kId3v1Bytes, 3) == "TAG") begin -= kId3v1Bytes;
  const std::string footer = text_at(file, begin - kApeFooterBytes, kApeFooterBytes);
  if (!footer.starts_with("APETAGEX") || footer.size() < kApeFooterBytes) return begin;
  ByteParser in(std::as_bytes(std::span(footer)).subspan(12), false);
  const auto bytes = static_cast<std::int64_t>(in.number(4));  // with the footer, without a header
  const auto items = in.number(4);
  const bool header = (in.number(4) >> 31) != 0;
  constexpr std::uint64_t kMostItems = 4096;
  if (bytes < kApeFooterBytes || bytes > begin || bytes > kLargestChunkBytes ||
      items > kMostItems) {
    reader.dropped("an APE tag whose size or count of items can not be");
    return file.size_bytes();
  }
  return std::max<std::int64_t>(0, begin - bytes - (header ? kApeFooterBytes : 0));
}

}  // namespace

void read_mpeg_metadata(MetadataReader& reader) {
  reader.metadata.container = "MP3";
  std::array<std::byte, 10> head = {};
  reader.file.read_at(0, head.data(), head.size());
  Bytes front;
  if (const std::int64_t bytes = id3_tag_bytes(head); bytes > 0) {
    front = reader.body("the ID3 tag", 0, static_cast<std::uint64_t>(bytes)).value_or(Bytes{});
  }
  const std::int64_t begin = back_tags(reader);
  const auto back = reader.body("the tags behind the audio", begin,
                                static_cast<std::uint64_t>(reader.file.size_bytes() - begin));
  Id3Content content = read_mpeg_tags(front, back.value_or(Bytes{}));
  reader.metadata.tags = std::move(content.tags);
  reader.metadata.pictures = std::move(content.pictures);
  reader.metadata.id3_pieces = std::move(content.pieces);
  reader.metadata.untranslatable = std::move(content.unknown);
}

}  // namespace tutti::io
