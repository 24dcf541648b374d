// SPDX-License-Identifier: Apache-2.0
// What the readers of each container's metadata share.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "host/io/chunks.hpp"
#include "host/io/metadata.hpp"

namespace tutti::io {

/// Collects one file's metadata, and says what is left behind.
class MetadataReader {
 public:
  MetadataReader(PooledFile& input, std::vector<Warning>& sink) : file(input), warnings_(sink) {}

  PooledFile& file;
  Metadata metadata;

  void dropped(const std::string& what) {
    // A file of rubbish may have a reason at every byte.
    constexpr int kMostWarnings = 20;
    if (++said_ > kMostWarnings) return;
    warnings_.push_back({"metadata_dropped", what, file.name()});
  }

  /// The body of a chunk or block, if it is whole and within the limits. `what` names it.
  std::optional<Bytes> body(std::string_view what, std::int64_t at, std::uint64_t claimed_bytes) {
    const auto there =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, file.size_bytes() - at));
    if (claimed_bytes > there) {
      dropped(fmt::format("{} says that it has {} bytes, but the file ends after {}", what,
                          claimed_bytes, there));
      return std::nullopt;
    }
    const auto bytes = static_cast<std::int64_t>(claimed_bytes);
    if (bytes > kLargestChunkBytes || held_bytes_ + bytes > kLargestMetadataBytes) {
      dropped(fmt::format("{} of {} bytes is not kept: the limit is {} bytes, and {} for one file",
                          what, bytes, kLargestChunkBytes, kLargestMetadataBytes));
      return std::nullopt;
    }
    held_bytes_ += bytes;
    Bytes out(static_cast<std::size_t>(bytes));
    out.resize(file.read_at(at, out.data(), out.size()));
    return out;
  }

  /// Keeps a chunk, if it can be kept.
  void keep(const Chunk& chunk, bool after_audio) {
    auto bytes = body(fmt::format("the chunk '{}'", chunk.id), chunk.body, chunk.claimed_bytes);
    if (bytes) metadata.chunks.push_back({chunk.id, std::move(*bytes), after_audio, ""});
  }

 private:
  std::vector<Warning>& warnings_;
  std::int64_t held_bytes_ = 0;
  int said_ = 0;
};

void read_riff_metadata(MetadataReader& reader);  ///< WAV, RF64, BW64, Wave64
void read_aiff_metadata(MetadataReader& reader);
void read_caf_metadata(MetadataReader& reader);
/// `at` is where "fLaC" stands.
void read_flac_metadata(MetadataReader& reader, std::int64_t at);
/// Ogg and MPEG audio, whose tags this program does not write as it found them.
void read_ogg_metadata(MetadataReader& reader);
void read_mpeg_metadata(MetadataReader& reader);

}  // namespace tutti::io
