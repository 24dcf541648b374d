// SPDX-License-Identifier: Apache-2.0
#include "host/io/metadata_riff.hpp"

#include <algorithm>
#include <string_view>

#include "host/io/bext.hpp"
#include "host/io/id3.hpp"
#include "host/io/metadata_reader.hpp"
#include "host/io/riff_positions.hpp"
#include "host/io/text_tags.hpp"

namespace tutti::io {
namespace {

// The writer's own: the format, the samples, and room that belongs to nobody.
constexpr std::string_view kTechnical[] = {"fmt ", "data", "ds64", "fact", "JUNK",
                                           "junk", "PAD ", "pad ", "FLLR", "slnt"};

bool technical(std::string_view id) {
  return std::find(std::begin(kTechnical), std::end(kTechnical), id) != std::end(kTechnical);
}

bool is_list(const MetadataChunk& chunk, std::string_view type) {
  return chunk.id == "LIST" && characters(chunk.body).starts_with(type);
}

bool is_id3(const MetadataChunk& chunk) { return chunk.id == "id3 " || chunk.id == "ID3 "; }

class RiffMetadata {
 public:
  explicit RiffMetadata(MetadataReader& reader) : reader_(reader) {}

  void read() {
    std::array<char, 4> magic = {};
    reader_.file.read_at(0, magic.data(), magic.size());
    wave64_ = std::string_view(magic.data(), 4) == "riff";
    reader_.metadata.container = wave64_ ? "W64" : "WAV";
    reader_.metadata.family = MetadataFamily::riff;
    const ChunkStyle style = wave64_ ? ChunkStyle::wave64 : ChunkStyle::riff;
    ChunkWalker walker(reader_.file, style, wave64_ ? 40 : 12);
    Chunk chunk;
    std::int64_t end = 0;
    int count = 0;
    while (!ends_here_ && walker.next(chunk)) {
      visit(walker, chunk);
      end = chunk.body + chunk.bytes;
      ++count;
    }
    const std::int64_t rest = reader_.file.size_bytes() - end;
    if (!ends_here_ && (count >= ChunkWalker::kMaxChunks || rest >= 8)) {
      reader_.dropped(
          fmt::format("the {} bytes behind chunk {} are no chunks or too many", rest, count));
    }
  }

 private:
  void visit(ChunkWalker& walker, Chunk& chunk) {
    if (chunk.id == "ds64") {
      const auto body = read_body(reader_.file, chunk, 16);
      if (body.size() == 16) long_data_bytes_ = load_integer<std::uint64_t>(body.data() + 8, false);
    } else if (chunk.id == "data" && !after_audio_) {
      visit_data(walker, chunk);
    } else if (wave64_ && (chunk.id == "????" || chunk.id == "list")) {
      keep_wave64(chunk);
    } else if (!technical(chunk.id)) {
      reader_.keep(chunk, after_audio_);
    }
  }

  /// As the decoder judges where the samples end.
  void visit_data(ChunkWalker& walker, Chunk& chunk) {
    constexpr std::uint32_t kUnknown = 0xffffffffu;
    after_audio_ = true;
    const std::int64_t rest = reader_.file.size_bytes() - chunk.body;
    if (!wave64_ && chunk.claimed_bytes == kUnknown) {
      if (long_data_bytes_ == 0) {
        ends_here_ = true;
      } else {
        walker.resize(chunk, long_data_bytes_);
      }
    }
    if (chunk.claimed_bytes == 0 && rest > 0) {
      const ChunkStyle style = wave64_ ? ChunkStyle::wave64 : ChunkStyle::riff;
      ends_here_ = ends_here_ || !chunks_fill_file(reader_.file, style, chunk.body);
    }
    ends_here_ = ends_here_ || chunk.bytes == rest;
  }

  /// Chunks with a name of Wave64's own; LIST is one of them.
  void keep_wave64(const Chunk& chunk) {
    std::string guid(16, '\0');
    reader_.file.read_at(chunk.body - 24, guid.data(), guid.size());
    constexpr std::string_view kList("list\x2f\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00", 16);
    auto body = reader_.body("a Wave64 chunk", chunk.body, chunk.claimed_bytes);
    if (!body) return;
    if (guid == kList) {
      reader_.metadata.chunks.push_back({"LIST", std::move(*body), after_audio_, ""});
    } else {
      reader_.metadata.chunks.push_back({"w64 ", std::move(*body), after_audio_, guid});
    }
  }

  MetadataReader& reader_;
  bool wave64_ = false;
  bool after_audio_ = false;
  bool ends_here_ = false;
  std::uint64_t long_data_bytes_ = 0;
};

/// What other containers can take over, and the names of what they can not.
void translate(MetadataReader& reader) {
  Metadata& metadata = reader.metadata;
  for (const MetadataChunk& chunk : metadata.chunks) {
    if (!is_id3(chunk)) continue;
    Id3Content content = read_id3(chunk.body);
    add_missing(metadata.tags, content.tags);
    std::move(content.pictures.begin(), content.pictures.end(),
              std::back_inserter(metadata.pictures));
    std::move(content.pieces.begin(), content.pieces.end(),
              std::back_inserter(metadata.id3_pieces));
    std::move(content.unknown.begin(), content.unknown.end(),
              std::back_inserter(metadata.untranslatable));
  }
  for (const MetadataChunk& chunk : metadata.chunks) {
    if (is_list(chunk, "INFO")) {
      add_missing(metadata.tags, info_list_tags(chunk.body));
    } else if (chunk.id == "bext") {
      add_missing(metadata.tags, bext_tags(chunk.body));
      metadata.untranslatable.push_back("bext (its texts are kept as tags)");
    } else if (!is_id3(chunk)) {
      metadata.untranslatable.push_back("'" + chunk.id + "'");
    }
  }
}

/// One chunk for the output; empty if nothing of it is left.
std::optional<Bytes> adapt(const MetadataChunk& chunk, const WriteSpec& spec,
                           RiffPositions& positions, const MetadataLosses& losses) {
  if (chunk.id == "PEAK" || chunk.id == "levl") {
    losses.dropped(
        fmt::format("the chunk '{}' holds peaks of the input and is left out", chunk.id));
    return std::nullopt;
  }
  if (chunk.id == "bext") return adapt_bext(chunk.body, spec, positions.map());
  if (is_id3(chunk)) return without_replay_gain(chunk.body, losses);
  return positions.adapt(chunk);
}

std::vector<MetadataChunk> built_chunks(const Metadata& metadata, const MetadataLosses& losses) {
  std::vector<MetadataChunk> chunks;
  const std::vector<Tag> tags = lasting_tags(metadata, losses, /*into_id3=*/true);
  if (Bytes list = info_list(tags); !list.empty()) {
    chunks.push_back({"LIST", std::move(list), true, ""});
  }
  if (Bytes tag = write_id3(tags, metadata.pictures, metadata.id3_pieces, losses); !tag.empty()) {
    chunks.push_back({"id3 ", std::move(tag), true, ""});
  }
  return chunks;
}

}  // namespace

void read_riff_metadata(MetadataReader& reader) {
  RiffMetadata(reader).read();
  translate(reader);
}

std::vector<MetadataChunk> riff_chunks(const Metadata& metadata, const WriteSpec& spec,
                                       const MetadataLosses& losses) {
  if (metadata.family != MetadataFamily::riff) return built_chunks(metadata, losses);
  RiffPositions positions(metadata.chunks, PositionMap(spec), losses);
  std::vector<MetadataChunk> out;
  for (const MetadataChunk& chunk : metadata.chunks) {
    if (auto body = adapt(chunk, spec, positions, losses)) {
      out.push_back({chunk.id, std::move(*body), chunk.after_audio, chunk.guid});
    }
  }
  positions.report();
  return out;
}

}  // namespace tutti::io
