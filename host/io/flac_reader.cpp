// SPDX-License-Identifier: Apache-2.0
// FLAC through libFLAC. The MD5 of STREAMINFO is checked when the file has been read from its first
// frame to its last without a seek. An MD5 of zeros means that there is none; libFLAC knows that.
#include <FLAC/stream_decoder.h>
#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "host/io/byte_source.hpp"
#include "host/io/readers.hpp"

namespace tutti::io {
namespace {

struct DeleteDecoder {
  void operator()(FLAC__StreamDecoder* decoder) const { FLAC__stream_decoder_delete(decoder); }
};

class FlacReader final : public RangeReader {
 public:
  FlacReader(OpenRequest request, bool in_ogg)
      : name_(request.file->name()),
        warnings_(std::move(request.warnings)),
        in_ogg_(in_ogg),
        verified_(!request.options.check_md5),
        source_(request.file) {
    open();
    info_.container = in_ogg ? "Ogg FLAC" : "FLAC";
    check_channels_and_rate(name_, info_);
    // Constant channels take the fewest bytes: 10 up to 32768 samples, 12 up to the most, 65535.
    if (info_.frames / 65535 > request.file->size_bytes() / 11 + 1) {
      throw IoError(name_, fmt::format("damaged FLAC: the header promises {} frames, more than "
                                       "the file can hold",
                                       info_.frames));
    }
    if (info_.frames == 0) count_frames();
  }

  const AudioInfo& info() const override { return info_; }

 private:
  void open();
  void count_frames();
  void read_inside(Frames first, BlockView out) override;
  void move_to(Frames first);
  void decode_next();
  void finish();
  [[noreturn]] void fail(const std::string& cause);
  [[noreturn]] void fail_check();

  FLAC__StreamDecoderWriteStatus receive(const FLAC__Frame& frame, const FLAC__int32* const* from);
  void receive(const FLAC__StreamMetadata& metadata);

  std::string name_;
  WarningSink warnings_;
  bool in_ogg_;
  bool verified_;  ///< nothing is left to be checked
  ByteSource source_;
  AudioInfo info_;
  int bits_ = 0;
  std::unique_ptr<FLAC__StreamDecoder, DeleteDecoder> decoder_;
  const char* damage_ = nullptr;
  bool complete_ = true;       ///< no seek since the decoder was opened
  bool counted_ = false;       ///< the header did not say how many frames there are
  bool contradicted_ = false;  ///< by the MD5: no part of the file can be trusted
  Frames held_first_ = 0;      ///< held_ is frames [held_first_, held_first_ + held_frames_)
  Frames held_frames_ = 0;
  std::vector<float> held_;
};

FlacReader& self(void* client) { return *static_cast<FlacReader*>(client); }

void FlacReader::open() {
  decoder_.reset(FLAC__stream_decoder_new());
  if (!decoder_) throw std::bad_alloc();
  FLAC__stream_decoder_set_md5_checking(decoder_.get(), !verified_);
  FLAC__stream_decoder_set_metadata_respond(decoder_.get(), FLAC__METADATA_TYPE_VORBIS_COMMENT);
  source_.seek(0);
  held_first_ = held_frames_ = 0;
  complete_ = true;
  damage_ = nullptr;
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
                        void* client) {
    self(client).damage_ = FLAC__StreamDecoderErrorStatusString[status];
  };
  const auto init =
      in_ogg_ ? FLAC__stream_decoder_init_ogg_stream : FLAC__stream_decoder_init_stream;
  if (init(decoder_.get(), read, seek, tell, length, at_end, write, metadata, error, this) !=
      FLAC__STREAM_DECODER_INIT_STATUS_OK) {
    throw IoError(name_, "FLAC cannot be decoded here");
  }
  if (!FLAC__stream_decoder_process_until_end_of_metadata(decoder_.get()) || bits_ == 0) {
    fail("damaged FLAC header");
  }
  damage_ = nullptr;
}

void FlacReader::fail(const std::string& cause) {
  source_.rethrow();
  throw IoError(name_, cause);
}

void FlacReader::receive(const FLAC__StreamMetadata& metadata) {
  if (metadata.type == FLAC__METADATA_TYPE_STREAMINFO && bits_ == 0) {
    const auto& stream = metadata.data.stream_info;
    bits_ = static_cast<int>(stream.bits_per_sample);
    info_.channels = static_cast<int>(stream.channels);
    info_.sample_rate_hz = stream.sample_rate;
    info_.frames = static_cast<Frames>(stream.total_samples);
    info_.encoding = fmt::format("PCM {}", bits_);
  } else if (metadata.type == FLAC__METADATA_TYPE_VORBIS_COMMENT) {
    constexpr std::string_view key = "WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x";
    const auto& comments = metadata.data.vorbis_comment;
    for (FLAC__uint32 i = 0; i < comments.num_comments; ++i) {
      const std::string_view entry(reinterpret_cast<const char*>(comments.comments[i].entry),
                                   comments.comments[i].length);
      if (!entry.starts_with(key)) continue;
      std::uint32_t mask = 0;
      std::from_chars(entry.data() + key.size(), entry.data() + entry.size(), mask, 16);
      if (std::popcount(mask) == info_.channels) info_.wave_mask = mask;
    }
  }
}

FLAC__StreamDecoderWriteStatus FlacReader::receive(const FLAC__Frame& frame,
                                                   const FLAC__int32* const* from) {
  const auto& header = frame.header;
  if (static_cast<int>(header.channels) != info_.channels ||
      static_cast<int>(header.bits_per_sample) != bits_) {
    damage_ = "the format changes inside the stream";
    return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT;
  }
  held_first_ = static_cast<Frames>(header.number.sample_number);
  held_frames_ = header.blocksize;
  held_.resize(static_cast<std::size_t>(held_frames_) * header.channels);
  const float scale = std::ldexp(1.0f, 1 - bits_);
  float* to = held_.data();
  for (unsigned c = 0; c < header.channels; ++c) {
    for (Frames n = 0; n < held_frames_; ++n) *to++ = static_cast<float>(from[c][n]) * scale;
  }
  return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
}

/// Decodes the next FLAC frame into held_; held_frames_ is 0 at the end of the stream.
void FlacReader::decode_next() {
  const Frames expected = held_first_ + held_frames_;
  held_frames_ = 0;
  while (held_frames_ == 0) {
    const bool going = FLAC__stream_decoder_process_single(decoder_.get());
    source_.rethrow();
    if (damage_ != nullptr && expected < info_.frames) {
      fail(fmt::format("damaged FLAC near frame {} ({:.3f} s): {}", expected,
                       static_cast<double>(expected) / info_.sample_rate_hz, damage_));
    }
    const auto state = FLAC__stream_decoder_get_state(decoder_.get());
    if (!going || state == FLAC__STREAM_DECODER_END_OF_STREAM) break;
  }
  if (held_frames_ == 0) held_first_ = expected;
}

/// A file written to a pipe does not say how long it is: count, once.
void FlacReader::count_frames() {
  info_.frames = std::numeric_limits<Frames>::max();  // damage anywhere is an error
  do {
    decode_next();
  } while (held_frames_ > 0);
  info_.frames = held_first_;
  counted_ = true;
  finish();
}

/// The last frame has been decoded: compare checksums if every frame was seen.
void FlacReader::finish() {
  const bool matches = FLAC__stream_decoder_finish(decoder_.get());
  decoder_.reset();
  held_first_ = held_frames_ = 0;
  if (!complete_ || verified_) return;
  verified_ = true;
  if (matches) return;
  // Ogg that was cut is used as far as it goes; without a length in the header the MD5 cannot tell
  // a cut from damage, but every page has been checked.
  if (in_ogg_ && counted_) {
    return warn(warnings_, name_, "checksum_mismatch",
                "the decoded audio does not match the MD5 checksum in the FLAC header");
  }
  contradicted_ = true;
  fail_check();
}

void FlacReader::fail_check() {
  fail(
      "the audio does not match its own MD5: it was damaged or changed after it was encoded; use "
      "another copy");
}

void FlacReader::move_to(Frames first) {
  if (!decoder_) open();
  if (first >= held_first_ && first < held_first_ + held_frames_) return;
  const Frames next = held_first_ + held_frames_;
  constexpr Frames kDecodeOnFrames = 16384;  // shorter jumps are cheaper decoded than sought
  if (first >= next && first - next <= kDecodeOnFrames) {
    while (held_first_ + held_frames_ <= first) {
      decode_next();
      if (held_frames_ == 0) break;
    }
  } else {
    complete_ = false;
    held_frames_ = 0;
    damage_ = nullptr;
    if (!FLAC__stream_decoder_seek_absolute(decoder_.get(), static_cast<FLAC__uint64>(first))) {
      decoder_.reset();
      fail(fmt::format("damaged FLAC: frame {} cannot be found", first));
    }
  }
  if (first < held_first_ || first >= held_first_ + held_frames_) {
    fail(fmt::format("damaged FLAC: frame {} of {} is missing", first, info_.frames));
  }
}

void FlacReader::read_inside(Frames first, BlockView out) {
  if (contradicted_) fail_check();
  for (Frames n = 0; n < out.frames;) {
    move_to(first + n);
    const Frames skip = first + n - held_first_;
    const Frames count = std::min(held_frames_ - skip, out.frames - n);
    for (int c = 0; c < out.channels; ++c) {
      const float* from = held_.data() + c * held_frames_ + skip;
      std::copy(from, from + count, out.channel(c) + n);
    }
    n += count;
  }
  if (first + out.frames == info_.frames && complete_) finish();
}

}  // namespace

std::unique_ptr<AudioReader> open_flac(OpenRequest request, bool in_ogg) {
  return std::make_unique<FlacReader>(std::move(request), in_ogg);
}

}  // namespace tutti::io
