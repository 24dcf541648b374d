// SPDX-License-Identifier: Apache-2.0
#include "host/io/flac_laws.hpp"

#include <FLAC/metadata.h>
#include <FLAC/stream_decoder.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "host/io/metadata_flac.hpp"

namespace tutti::io {
namespace {

struct DeleteFlacObject {
  void operator()(FLAC__StreamMetadata* block) const { FLAC__metadata_object_delete(block); }
};
using FlacObject = std::unique_ptr<FLAC__StreamMetadata, DeleteFlacObject>;

struct DeleteDecoder {
  void operator()(FLAC__StreamDecoder* decoder) const { FLAC__stream_decoder_delete(decoder); }
};

/// A FLAC file without audio in memory, and what libFLAC reads of it.
struct Parse {
  Bytes bytes;
  std::size_t at = 0;
  std::vector<FlacObject> objects;
};

/// The header of a file with one block behind STREAMINFO.
Bytes header_with(const FlacBlock& block) {
  ByteBuilder out(true);
  out.text("fLaC").number(kFlacStreamInfo, 1).number(34, 3);
  // Blocks of 4096, no frame sizes, 44100 Hz, 2 channels of 16 bits; no length, no MD5.
  out.u16(4096).u16(4096).zeros(6);
  out.number(std::uint64_t{44100} << 44 | std::uint64_t{1} << 41 | std::uint64_t{15} << 36, 8);
  out.zeros(16);
  out.number(static_cast<std::uint64_t>(0x80 | block.type), 1).number(block.body.size(), 3);
  return out.raw(block.body).take();
}

FlacObject object_of(const FlacBlock& block) {
  Parse parse;
  parse.bytes = header_with(block);
  const std::unique_ptr<FLAC__StreamDecoder, DeleteDecoder> decoder(FLAC__stream_decoder_new());
  if (!decoder) throw std::bad_alloc();
  FLAC__stream_decoder_set_metadata_respond_all(decoder.get());
  const auto read = [](const FLAC__StreamDecoder*, FLAC__byte* to, std::size_t* count,
                       void* client) {
    auto& from = *static_cast<Parse*>(client);
    *count = std::min(*count, from.bytes.size() - from.at);
    std::memcpy(to, from.bytes.data() + from.at, *count);
    from.at += *count;
    return *count > 0 ? FLAC__STREAM_DECODER_READ_STATUS_CONTINUE
                      : FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM;
  };
  const auto write = [](const FLAC__StreamDecoder*, const FLAC__Frame*, const FLAC__int32* const*,
                        void*) { return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT; };
  const auto metadata = [](const FLAC__StreamDecoder*, const FLAC__StreamMetadata* found,
                           void* client) {
    if (found->type == FLAC__METADATA_TYPE_STREAMINFO) return;
    static_cast<Parse*>(client)->objects.emplace_back(FLAC__metadata_object_clone(found));
  };
  const auto error = [](const FLAC__StreamDecoder*, FLAC__StreamDecoderErrorStatus, void*) {};
  FLAC__stream_decoder_init_stream(decoder.get(), read, nullptr, nullptr, nullptr, nullptr, write,
                                   metadata, error, &parse);
  FLAC__stream_decoder_process_until_end_of_metadata(decoder.get());
  return parse.objects.empty() ? nullptr : std::move(parse.objects.front());
}

/// Why it is not legal; null if it is.
const char* objection(FLAC__StreamMetadata& object) {
  const char* why = nullptr;
  if (object.type == FLAC__METADATA_TYPE_CUESHEET) {
    const auto& sheet = object.data.cue_sheet;
    if (!FLAC__format_cuesheet_is_legal(&sheet, sheet.is_cd, &why)) return why;
  } else if (object.type == FLAC__METADATA_TYPE_PICTURE) {
    if (!FLAC__format_picture_is_legal(&object.data.picture, &why)) return why;
  }
  return nullptr;
}

}  // namespace

std::vector<FlacBlock> lawful_blocks(std::vector<FlacBlock> blocks, const MetadataLosses& losses) {
  bool cue_sheet = false;
  std::erase_if(blocks, [&](const FlacBlock& block) {
    const FlacObject object = object_of(block);
    const char* why = object ? objection(*object) : "it contradicts itself";
    if (object && object->type == FLAC__METADATA_TYPE_CUESHEET && why == nullptr) {
      if (cue_sheet) why = "there is one already";
      cue_sheet = true;
    }
    if (why != nullptr)
      losses.dropped(std::string("a block of the FLAC header is not kept: ") + why);
    return why != nullptr;
  });
  return blocks;
}

}  // namespace tutti::io
