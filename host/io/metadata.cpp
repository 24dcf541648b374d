// SPDX-License-Identifier: Apache-2.0
#include "host/io/metadata.hpp"

#include <array>
#include <string_view>

#include "host/io/id3_frames.hpp"
#include "host/io/metadata_reader.hpp"

namespace tutti {
namespace {

std::string start_of(io::PooledFile& file, std::int64_t at, std::size_t bytes) {
  std::string head(bytes, '\0');
  head.resize(file.read_at(at, head.data(), bytes));
  return head;
}

/// Behind the ID3 tags that some programs put in front of anything.
std::int64_t behind_id3(io::PooledFile& file) {
  std::int64_t at = 0;
  for (int tags = 0; tags < 8; ++tags) {
    const std::string head = start_of(file, at, 10);
    const std::int64_t bytes = io::id3_tag_bytes(std::as_bytes(std::span(head)));
    if (bytes == 0) break;
    at += bytes;
  }
  return at;
}

bool stands(std::string_view head, std::size_t at, std::string_view magic) {
  return head.size() >= at && head.substr(at).starts_with(magic);
}

void read_by_content(io::MetadataReader& reader) {
  const std::string head = start_of(reader.file, 0, 12);
  const bool riff =
      stands(head, 8, "WAVE") &&
      (head.starts_with("RIFF") || head.starts_with("RF64") || head.starts_with("BW64"));
  if (riff || head.starts_with("riff\x2e\x91\xcf\x11")) return read_riff_metadata(reader);
  if (head.starts_with("FORM") && (stands(head, 8, "AIFF") || stands(head, 8, "AIFC"))) {
    return read_aiff_metadata(reader);
  }
  if (head.starts_with("caff")) return read_caf_metadata(reader);
  if (head.starts_with("OggS")) return read_ogg_metadata(reader);
  const std::int64_t at = behind_id3(reader.file);
  if (start_of(reader.file, at, 4) == "fLaC") return read_flac_metadata(reader, at);
  const std::string frame = start_of(reader.file, at, 2);
  const bool mpeg = frame.size() == 2 && frame[0] == '\xff' && (frame[1] & '\xe0') == '\xe0';
  if (at > 0 || mpeg) read_mpeg_metadata(reader);
}

}  // namespace

Metadata read_metadata(const std::filesystem::path& input, std::vector<Warning>& warnings) {
  io::PooledFile file(input);
  io::MetadataReader reader(file, warnings);
  read_by_content(reader);
  return std::move(reader.metadata);
}

}  // namespace tutti
