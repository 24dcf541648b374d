// SPDX-License-Identifier: Apache-2.0
#include "host/io/metadata_caf.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string_view>

#include "host/io/metadata_reader.hpp"
#include "host/io/position_map.hpp"
#include "host/io/text_tags.hpp"

namespace tutti::io {
namespace {

// Format, samples, packet table, codec, channels, room, and pictures of the input's waveform.
constexpr std::string_view kTechnical[] = {"desc", "data", "pakt", "kuki",
                                           "chan", "free", "ovvw", "peak"};

struct InfoKey {
  std::string_view caf;
  std::string_view key;
};
constexpr InfoKey kInfoKeys[] = {{"track number", "TRACKNUMBER"},
                                 {"recorded date", "DATE"},
                                 {"comments", "COMMENT"},
                                 {"key signature", "KEY"},
                                 {"encoding application", "ENCODING"},
                                 {"source encoder", "ENCODER"}};

std::vector<Tag> info_tags(const Bytes& body) {
  ByteParser count(body, true);
  std::vector<Tag> tags;
  count.skip(4);
  std::string_view rest = characters(body).substr(std::min<std::size_t>(4, body.size()));
  const auto next = [&] {
    const std::string_view text = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(rest.size(), text.size() + 1));
    return text;
  };
  while (!rest.empty()) {
    const std::string name = trimmed_text(next());
    const std::string value = trimmed_text(next());
    if (name.empty() || value.empty()) continue;
    const auto* row = std::find_if(std::begin(kInfoKeys), std::end(kInfoKeys),
                                   [&](const InfoKey& pair) { return pair.caf == name; });
    tags.push_back({row != std::end(kInfoKeys) ? std::string(row->key) : upper_case(name), value});
  }
  return tags;
}

Bytes info_body(const std::vector<Tag>& tags) {
  ByteBuilder out(true);
  out.u32(static_cast<std::int64_t>(tags.size()));
  for (const Tag& tag : tags) {
    const std::string key = upper_case(tag.key);
    const auto* row = std::find_if(std::begin(kInfoKeys), std::end(kInfoKeys),
                                   [&](const InfoKey& pair) { return pair.key == key; });
    std::string name(row != std::end(kInfoKeys) ? row->caf : tag.key);
    if (row == std::end(kInfoKeys)) {
      for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    out.text(name).zeros(1).text(trimmed_text(tag.value)).zeros(1);
  }
  return out.take();
}

/// The kind of time code, a count, then markers of 28 bytes whose frame is a double at 4.
std::optional<Bytes> adapt_markers(const Bytes& body, const PositionMap& map,
                                   const MetadataLosses& losses) {
  constexpr std::size_t kMarkerBytes = 28;
  ByteParser in(body, true);
  in.skip(4);
  const std::uint64_t count = in.number(4);
  if (!in.ok() || in.left() / kMarkerBytes < count) {
    losses.stale("the chunk 'mark' contradicts itself and is copied as it is");
    return body;
  }
  ByteBuilder rows(true);
  std::int64_t kept = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto kind = in.raw(4);
    const auto frame = std::bit_cast<double>(in.number(8));
    const auto rest = in.raw(16);
    if (!(frame >= 0 && frame < 9e15)) continue;
    const auto moved = map.position(static_cast<std::uint64_t>(std::llround(frame)));
    if (!moved) continue;
    // As it was where nothing moved: positions between frames are allowed.
    const double to = map.unchanged() ? frame : static_cast<double>(*moved);
    rows.raw(kind).number(std::bit_cast<std::uint64_t>(to), 8).raw(rest);
    ++kept;
  }
  if (kept < static_cast<std::int64_t>(count)) {
    losses.dropped(fmt::format("{} of {} markers lie outside the output and are left out",
                               static_cast<std::int64_t>(count) - kept, count));
  }
  if (kept == 0 && count > 0) return std::nullopt;
  const Bytes list = rows.take();
  return ByteBuilder(true).raw(std::span(body).first(4)).u32(kept).raw(list).take();
}

std::vector<MetadataChunk> built_chunks(const Metadata& metadata, const MetadataLosses& losses) {
  const std::vector<Tag> tags = lasting_tags(metadata, losses);
  if (!metadata.pictures.empty()) losses.dropped("pictures: CAF has no place for them");
  if (tags.empty()) return {};
  return {{"info", info_body(tags), false, ""}};
}

}  // namespace

void read_caf_metadata(MetadataReader& reader) {
  constexpr std::int64_t kHeaderBytes = 12;
  reader.metadata.container = "CAF";
  reader.metadata.family = MetadataFamily::caf;
  bool after_audio = false;
  std::int64_t at = 8;
  for (int count = 0; count < ChunkWalker::kMaxChunks; ++count) {
    std::array<std::byte, kHeaderBytes> header;
    if (reader.file.read_at(at, header.data(), header.size()) != header.size()) break;
    Chunk chunk;
    chunk.id = std::string(characters(header).substr(0, 4));
    chunk.body = at + kHeaderBytes;
    chunk.claimed_bytes = load_integer<std::uint64_t>(header.data() + 4, true);
    const bool printable = std::all_of(chunk.id.begin(), chunk.id.end(),
                                       [](char c) { return c >= 0x20 && c <= 0x7e; });
    if (!printable) return reader.dropped("what follows in the file is no chunk of CAF");
    if (std::find(std::begin(kTechnical), std::end(kTechnical), chunk.id) == std::end(kTechnical)) {
      reader.keep(chunk, after_audio);
    }
    after_audio = after_audio || chunk.id == "data";
    // Samples of unknown size (-1) reach to the end of the file, as a size that lies does.
    const auto rest = static_cast<std::uint64_t>(reader.file.size_bytes() - chunk.body);
    if (chunk.claimed_bytes > rest) break;
    at = chunk.body + static_cast<std::int64_t>(chunk.claimed_bytes);
  }
  for (const MetadataChunk& chunk : reader.metadata.chunks) {
    if (chunk.id == "info") {
      add_missing(reader.metadata.tags, info_tags(chunk.body));
    } else {
      reader.metadata.untranslatable.push_back("'" + chunk.id + "'");
    }
  }
}

std::vector<MetadataChunk> caf_chunks(const Metadata& metadata, const WriteSpec& spec,
                                      const MetadataLosses& losses) {
  if (metadata.family != MetadataFamily::caf) return built_chunks(metadata, losses);
  const PositionMap map(spec);
  std::vector<MetadataChunk> out;
  for (const MetadataChunk& chunk : metadata.chunks) {
    std::optional<Bytes> body = chunk.body;
    if (chunk.id == "mark") body = adapt_markers(chunk.body, map, losses);
    if (chunk.id == "regn" && !map.unchanged()) {
      losses.stale("the chunk 'regn' is copied as it is; its positions are those of the input");
    }
    if (body) out.push_back({chunk.id, std::move(*body), chunk.after_audio, ""});
  }
  return out;
}

}  // namespace tutti::io
