// SPDX-License-Identifier: Apache-2.0
#include "host/io/container_chunks.hpp"

#include <string_view>

#include "host/io/bext.hpp"
#include "host/io/metadata.hpp"
#include "host/io/metadata_aiff.hpp"
#include "host/io/metadata_caf.hpp"
#include "host/io/metadata_riff.hpp"

namespace tutti::io {
namespace {

/// One chunk in the framing of its container. The last chunk of CAF and of Wave64 too is padded as
/// the others are.
void append_chunk(PcmContainer container, const MetadataChunk& chunk, Bytes& to) {
  constexpr std::string_view kWave64Tail("\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a", 12);
  constexpr std::string_view kWave64List("list\x2f\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00",
                                         16);
  const auto bytes = static_cast<std::int64_t>(chunk.body.size());
  ByteBuilder out(container == PcmContainer::aiff || container == PcmContainer::caf);
  switch (container) {
    case PcmContainer::wave:
    case PcmContainer::aiff:
      out.text(chunk.id).u32(bytes).raw(chunk.body).zeros(chunk.body.size() % 2);
      break;
    case PcmContainer::wave64:
      if (!chunk.guid.empty()) {
        out.text(chunk.guid);
      } else if (chunk.id == "LIST") {
        out.text(kWave64List);
      } else {
        out.text(chunk.id).text(kWave64Tail);
      }
      out.u64(24 + bytes).raw(chunk.body).zeros((8 - chunk.body.size() % 8) % 8);
      break;
    case PcmContainer::caf:
      out.text(chunk.id).u64(bytes).raw(chunk.body);
      break;
  }
  const Bytes framed = out.take();
  to.insert(to.end(), framed.begin(), framed.end());
}

std::vector<MetadataChunk> chunks_for(PcmContainer container, const WriteSpec& spec,
                                      const MetadataLosses& losses) {
  switch (container) {
    case PcmContainer::wave:
    case PcmContainer::wave64:
      return riff_chunks(*spec.metadata, spec, losses);
    case PcmContainer::aiff:
      return aiff_chunks(*spec.metadata, spec, losses);
    case PcmContainer::caf:
      return caf_chunks(*spec.metadata, spec, losses);
  }
  return {};
}

}  // namespace

void ContainerChunks::set_loudness(const Measurement& loudness) {
  for (const std::size_t at : bext_before)
    set_bext_loudness(std::span(before).subspan(at), loudness);
  for (const std::size_t at : bext_after) set_bext_loudness(std::span(after).subspan(at), loudness);
}

ContainerChunks container_chunks(PcmContainer container, const WriteSpec& spec) {
  ContainerChunks out;
  if (!spec.metadata) return out;
  const MetadataLosses losses(spec);
  const std::size_t header_bytes = container == PcmContainer::wave64 ? 24 : 8;
  for (const MetadataChunk& chunk : chunks_for(container, spec, losses)) {
    if (!chunk.guid.empty() && container != PcmContainer::wave64) {
      losses.dropped("a chunk of the input has a name that only Wave64 can hold");
      continue;
    }
    Bytes& to = chunk.after_audio ? out.after : out.before;
    if (chunk.id == "bext") {
      (chunk.after_audio ? out.bext_after : out.bext_before).push_back(to.size() + header_bytes);
    }
    append_chunk(container, chunk, to);
  }
  return out;
}

}  // namespace tutti::io
