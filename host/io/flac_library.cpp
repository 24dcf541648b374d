// SPDX-License-Identifier: Apache-2.0
#include "host/io/flac_library.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <new>
#include <string_view>

namespace tutti::io {
namespace {

FlacLibrary& self(void* client) { return *static_cast<FlacLibrary*>(client); }

const char* damage_of(FLAC__StreamDecoderErrorStatus status) {
  switch (status) {
    case FLAC__STREAM_DECODER_ERROR_STATUS_LOST_SYNC:
      return "no frame begins where one has to";
    case FLAC__STREAM_DECODER_ERROR_STATUS_BAD_HEADER:
      return "the header of a frame is wrong";
    case FLAC__STREAM_DECODER_ERROR_STATUS_FRAME_CRC_MISMATCH:
      return "the checksum of a frame is wrong";
    case FLAC__STREAM_DECODER_ERROR_STATUS_UNPARSEABLE_STREAM:
      return "a frame uses what libFLAC does not know";
    default:
      return FLAC__StreamDecoderErrorStatusString[status];
  }
}

}  // namespace

FlacLibrary::FlacLibrary(std::shared_ptr<PooledFile> file, bool in_ogg, bool check_md5)
    : name_(file->name()), source_(std::move(file)), decoder_(FLAC__stream_decoder_new()) {
  if (!decoder_) throw std::bad_alloc();
  FLAC__stream_decoder_set_md5_checking(decoder_.get(), check_md5);
  FLAC__stream_decoder_set_metadata_respond(decoder_.get(), FLAC__METADATA_TYPE_VORBIS_COMMENT);
  open(in_ogg);
  if (!FLAC__stream_decoder_process_until_end_of_metadata(decoder_.get()) ||
      stream_.sample_bits == 0) {
    source_.rethrow();
    throw IoError(name_, "damaged FLAC header");
  }
  damage_ = nullptr;
}

void FlacLibrary::open(bool in_ogg) {
  const auto read = [](const FLAC__StreamDecoder*, FLAC__byte* to, std::size_t* bytes,
                       void* client) {
    *bytes = self(client).source_.read(to, *bytes);
    return *bytes > 0 ? FLAC__STREAM_DECODER_READ_STATUS_CONTINUE
                      : FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM;
  };
  const auto seek = [](const FLAC__StreamDecoder*, FLAC__uint64 to, void* client) {
    self(client).source_.seek(static_cast<std::int64_t>(to));
    return FLAC__STREAM_DECODER_SEEK_STATUS_OK;
  };
  const auto tell = [](const FLAC__StreamDecoder*, FLAC__uint64* at, void* client) {
    *at = static_cast<FLAC__uint64>(self(client).source_.position());
    return FLAC__STREAM_DECODER_TELL_STATUS_OK;
  };
  const auto length = [](const FLAC__StreamDecoder*, FLAC__uint64* bytes, void* client) {
    *bytes = static_cast<FLAC__uint64>(self(client).source_.size_bytes());
    return FLAC__STREAM_DECODER_LENGTH_STATUS_OK;
  };
  const auto at_end = [](const FLAC__StreamDecoder*, void* client) -> FLAC__bool {
    return self(client).source_.position() >= self(client).source_.size_bytes();
  };
  const auto write = [](const FLAC__StreamDecoder*, const FLAC__Frame* frame,
                        const FLAC__int32* const* from,
                        void* client) { return self(client).receive(*frame, from); };
  const auto metadata = [](const FLAC__StreamDecoder*, const FLAC__StreamMetadata* block,
                           void* client) { self(client).receive(*block); };
  const auto error = [](const FLAC__StreamDecoder*, FLAC__StreamDecoderErrorStatus status,
                        void* client) { self(client).damage_ = damage_of(status); };
  const auto init =
      in_ogg ? FLAC__stream_decoder_init_ogg_stream : FLAC__stream_decoder_init_stream;
  if (init(decoder_.get(), read, seek, tell, length, at_end, write, metadata, error, this) !=
      FLAC__STREAM_DECODER_INIT_STATUS_OK) {
    throw IoError(name_, "FLAC cannot be decoded here");
  }
}

void FlacLibrary::receive(const FLAC__StreamMetadata& metadata) {
  AudioInfo& info = stream_.info;
  if (metadata.type == FLAC__METADATA_TYPE_STREAMINFO && stream_.sample_bits > 0) {
    stream_.shortest_block = 0;  // which of two holds is for libFLAC to say
  } else if (metadata.type == FLAC__METADATA_TYPE_STREAMINFO) {
    const auto& said = metadata.data.stream_info;
    stream_.sample_bits = static_cast<int>(said.bits_per_sample);
    stream_.shortest_block = static_cast<int>(said.min_blocksize);
    stream_.longest_block = static_cast<int>(said.max_blocksize);
    std::copy_n(said.md5sum, stream_.md5.size(), stream_.md5.begin());
    info.channels = static_cast<int>(said.channels);
    info.sample_rate_hz = said.sample_rate;
    info.frames = static_cast<Frames>(said.total_samples);
    info.encoding = fmt::format("PCM {}", stream_.sample_bits);
  } else if (metadata.type == FLAC__METADATA_TYPE_VORBIS_COMMENT) {
    constexpr std::string_view key = "WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x";
    const auto& comments = metadata.data.vorbis_comment;
    for (FLAC__uint32 i = 0; i < comments.num_comments; ++i) {
      const std::string_view entry(reinterpret_cast<const char*>(comments.comments[i].entry),
                                   comments.comments[i].length);
      if (!entry.starts_with(key)) continue;
      std::uint32_t mask = 0;
      std::from_chars(entry.data() + key.size(), entry.data() + entry.size(), mask, 16);
      if (std::popcount(mask) == info.channels) info.wave_mask = mask;
    }
  }
}

FLAC__StreamDecoderWriteStatus FlacLibrary::receive(const FLAC__Frame& frame,
                                                    const FLAC__int32* const* from) {
  const auto& header = frame.header;
  if (static_cast<int>(header.channels) != stream_.info.channels ||
      static_cast<int>(header.bits_per_sample) != stream_.sample_bits) {
    damage_ = "the format changes inside the stream";
    return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT;
  }
  const Frames frames = header.blocksize;
  samples_.resize(static_cast<std::size_t>(frames) * header.channels);
  for (unsigned c = 0; c < header.channels; ++c)
    std::copy_n(from[c], frames, samples_.data() + c * frames);
  run_ = {static_cast<Frames>(header.number.sample_number),
          {samples_.data(), stream_.info.channels, frames, frames}};
  return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
}

FlacRun FlacLibrary::next(Frames expected, Frames end) {
  run_ = {};
  while (run_.samples.frames == 0) {
    const bool going = FLAC__stream_decoder_process_single(decoder_.get());
    source_.rethrow();
    if (damage_ != nullptr && expected < end) {
      throw IoError(
          name_,
          fmt::format("damaged FLAC near frame {} ({:.3f} s): {}; find a whole copy", expected,
                      static_cast<double>(expected) / stream_.info.sample_rate_hz, damage_));
    }
    const auto state = FLAC__stream_decoder_get_state(decoder_.get());
    if (!going || state == FLAC__STREAM_DECODER_END_OF_STREAM) break;
  }
  return run_;
}

FlacRun FlacLibrary::seek(Frames first) {
  run_ = {};
  damage_ = nullptr;
  const bool found =
      FLAC__stream_decoder_seek_absolute(decoder_.get(), static_cast<FLAC__uint64>(first));
  source_.rethrow();
  return found ? run_ : FlacRun{};
}

std::int64_t FlacLibrary::position() const {
  FLAC__uint64 at = 0;
  return FLAC__stream_decoder_get_decode_position(decoder_.get(), &at)
             ? static_cast<std::int64_t>(at)
             : 0;
}

bool FlacLibrary::finish() { return FLAC__stream_decoder_finish(decoder_.get()); }

}  // namespace tutti::io
