// SPDX-License-Identifier: Apache-2.0
#include "host/io/metadata_aiff.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

#include "host/io/id3.hpp"
#include "host/io/metadata_reader.hpp"
#include "host/io/position_map.hpp"
#include "host/io/text_tags.hpp"

namespace tutti::io {
namespace {

constexpr std::string_view kTechnical[] = {"COMM", "SSND", "FVER", "FLLR"};

struct TextChunk {
  std::string_view id;
  std::string_view key;
};
constexpr TextChunk kTexts[] = {
    {"NAME", "TITLE"}, {"AUTH", "ARTIST"}, {"(c) ", "COPYRIGHT"}, {"ANNO", "COMMENT"}};

void translate(MetadataReader& reader) {
  Metadata& metadata = reader.metadata;
  for (const MetadataChunk& chunk : metadata.chunks) {
    if (chunk.id != "ID3 ") continue;
    Id3Content content = read_id3(chunk.body);
    add_missing(metadata.tags, content.tags);
    std::move(content.pictures.begin(), content.pictures.end(),
              std::back_inserter(metadata.pictures));
    std::move(content.pieces.begin(), content.pieces.end(),
              std::back_inserter(metadata.id3_pieces));
    std::move(content.unknown.begin(), content.unknown.end(),
              std::back_inserter(metadata.untranslatable));
  }
  std::vector<Tag> texts;
  for (const MetadataChunk& chunk : metadata.chunks) {
    const auto* row = std::find_if(std::begin(kTexts), std::end(kTexts),
                                   [&](const TextChunk& text) { return text.id == chunk.id; });
    if (row != std::end(kTexts)) {
      const std::string text = trimmed_text(characters(chunk.body));
      if (!text.empty()) texts.push_back({std::string(row->key), text});
    } else if (chunk.id != "ID3 ") {
      metadata.untranslatable.push_back("'" + chunk.id + "'");
    }
  }
  add_missing(metadata.tags, texts);
}

/// Markers: a count, then number (2 bytes), frame (4), and a name with its length in front, padded
/// to an even size. None if all fell outside.
std::optional<Bytes> adapt_markers(const Bytes& body, const PositionMap& map,
                                   const MetadataLosses& losses) {
  ByteParser in(body, true);
  ByteBuilder rows(true);
  const std::uint64_t count = in.number(2);
  std::int64_t kept = 0;
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    const std::uint64_t number = in.number(2);
    const auto frame = map.position(in.number(4));
    const std::uint64_t length = in.number(1);
    const auto name = in.raw(length);
    if (length % 2 == 0 && in.left() > 0) in.skip(1);
    if (!in.ok() || !frame || *frame > std::numeric_limits<std::uint32_t>::max()) continue;
    rows.number(number, 2).number(*frame, 4).number(length, 1).raw(name).zeros(1 - length % 2);
    ++kept;
  }
  if (!in.ok()) {
    losses.stale("the chunk 'MARK' contradicts itself and is copied as it is");
    return body;
  }
  if (kept < static_cast<std::int64_t>(count)) {
    losses.dropped(fmt::format("{} of {} markers lie outside the output and are left out",
                               static_cast<std::int64_t>(count) - kept, count));
  }
  if (kept == 0 && count > 0) return std::nullopt;
  const Bytes list = rows.take();
  return ByteBuilder(true).u16(kept).raw(list).take();
}

std::vector<MetadataChunk> built_chunks(const Metadata& metadata, const MetadataLosses& losses) {
  std::vector<MetadataChunk> chunks;
  const std::vector<Tag> tags = lasting_tags(metadata, losses, /*into_id3=*/true);
  for (const TextChunk& text : {kTexts[0], kTexts[1]}) {
    const auto tag = std::find_if(tags.begin(), tags.end(), [&](const Tag& candidate) {
      return upper_case(candidate.key) == text.key;
    });
    if (tag != tags.end()) {
      chunks.push_back({std::string(text.id), to_bytes(tag->value), false, ""});
    }
  }
  if (Bytes tag = write_id3(tags, metadata.pictures, metadata.id3_pieces, losses); !tag.empty()) {
    chunks.push_back({"ID3 ", std::move(tag), true, ""});
  }
  return chunks;
}

}  // namespace

void read_aiff_metadata(MetadataReader& reader) {
  reader.metadata.container = "AIFF";
  reader.metadata.family = MetadataFamily::aiff;
  ChunkWalker walker(reader.file, ChunkStyle::iff, 12);
  Chunk chunk;
  bool after_audio = false;
  while (walker.next(chunk)) {
    const bool technical =
        std::find(std::begin(kTechnical), std::end(kTechnical), chunk.id) != std::end(kTechnical);
    if (!technical) reader.keep(chunk, after_audio);
    after_audio = after_audio || chunk.id == "SSND";
  }
  translate(reader);
}

std::vector<MetadataChunk> aiff_chunks(const Metadata& metadata, const WriteSpec& spec,
                                       const MetadataLosses& losses) {
  if (metadata.family != MetadataFamily::aiff) return built_chunks(metadata, losses);
  const PositionMap map(spec);
  std::vector<MetadataChunk> out;
  for (const MetadataChunk& chunk : metadata.chunks) {
    std::optional<Bytes> body = chunk.body;
    if (chunk.id == "MARK") body = adapt_markers(chunk.body, map, losses);
    if (chunk.id == "ID3 ") body = without_replay_gain(chunk.body, losses);
    if (body) out.push_back({chunk.id, std::move(*body), chunk.after_audio, ""});
  }
  return out;
}

}  // namespace tutti::io
