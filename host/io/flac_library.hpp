// SPDX-License-Identifier: Apache-2.0
// libFLAC: the header of every FLAC file, and the frames of those that flac_frames leaves to it.
#pragma once

#include <FLAC/stream_decoder.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/io/byte_source.hpp"
#include "host/io/decode.hpp"

namespace tutti::io {

/// Frames [first, first + samples.frames) of a file, as whole numbers.
struct FlacRun {
  Frames first = 0;
  BasicBlockView<const std::int32_t> samples;

  Frames end() const { return first + samples.frames; }
};

/// What STREAMINFO says.
struct FlacStream {
  AudioInfo info;  ///< 0 frames: not said
  int sample_bits = 0;
  int shortest_block = 0, longest_block = 0;  ///< 0: unknown
  std::array<std::uint8_t, 16> md5{};  ///< zeros: none
};

class FlacLibrary {
 public:
  /// Reads up to the first frame. Throws IoError.
  FlacLibrary(std::shared_ptr<PooledFile> file, bool in_ogg, bool check_md5);
  FlacLibrary(const FlacLibrary&) = delete;
  FlacLibrary& operator=(const FlacLibrary&) = delete;

  const FlacStream& stream() const { return stream_; }

  /// The next frame of the stream, which lives until the next call; empty at the stream's end.
  /// Throws IoError where there is damage before it and `expected`, its first, is before `end`.
  FlacRun next(Frames expected, Frames end);
  /// The frame of the stream that holds `first`, behind which `next` goes on; empty if there is
  /// none, and then this can not be used any more. Throws IoError where reading failed.
  FlacRun seek(Frames first);
  /// Where in the file `next` goes on, between two frames; 0 where that is not known.
  std::int64_t position() const;
  /// Once, last: whether the whole stream, if it was decoded, has the MD5 that its header says.
  bool finish();

 private:
  struct Delete {
    void operator()(FLAC__StreamDecoder* decoder) const { FLAC__stream_decoder_delete(decoder); }
  };
  void open(bool in_ogg);
  FLAC__StreamDecoderWriteStatus receive(const FLAC__Frame& frame, const FLAC__int32* const* from);
  void receive(const FLAC__StreamMetadata& metadata);

  std::string name_;
  ByteSource source_;
  FlacStream stream_;
  std::unique_ptr<FLAC__StreamDecoder, Delete> decoder_;
  const char* damage_ = nullptr;
  FlacRun run_;
  std::vector<std::int32_t> samples_;
};

}  // namespace tutti::io
