// SPDX-License-Identifier: Apache-2.0
// Blocks of a FLAC file, through our own decoder.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "host/flac/frame_decoder.hpp"
#include "host/io/digest.hpp"
#include "host/io/file_pool.hpp"
#include "host/io/flac_library.hpp"

namespace tutti::io {

/// Gives up on whatever a faultless encoder would not have written. libFLAC then says what is
/// wrong, or knows better.
class FlacFrames {
 public:
  /// Whether it can be tried: native FLAC of up to 24 bits that says how long it is, in blocks of
  /// one length.
  static bool can_read(const FlacStream& stream);

  /// From a block on: its first frame, and the byte where it begins.
  FlacFrames(std::shared_ptr<PooledFile> file, const FlacStream& stream, Frames first,
             std::int64_t byte, bool check_md5);

  /// The next frames, which live until the next call; empty at the end of the stream and where it
  /// gives up. Throws IoError where reading fails.
  FlacRun next();
  /// Once, behind the last frame: whether the MD5 is that of the header, if that says one, it is
  /// checked, and all frames were read.
  bool matches_md5();

 private:
  void refill();
  void hash(const FlacRun& run);

  std::shared_ptr<PooledFile> file_;
  FlacStream stream_;
  std::optional<flac::FrameDecoder> decoder_;  ///< none before it is needed: many files are opened
  std::optional<Digest> md5_;
  Frames done_;
  std::int64_t position_;            ///< in the file, behind what is held
  std::vector<std::uint8_t> bytes_;  ///< [at_, end_) are held, spare ones follow
  std::size_t at_ = 0, end_ = 0;
  std::vector<std::uint8_t> packed_;  ///< samples as the MD5 wants them
};

}  // namespace tutti::io
