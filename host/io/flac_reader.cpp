// SPDX-License-Identifier: Apache-2.0
// FLAC: libFLAC reads the header and seeks, and our own decoder goes on from there as long as
// nothing is unusual; otherwise libFLAC does. The MD5 of STREAMINFO is checked when the file has
// been read from its first frame to its last without a seek. An MD5 of zeros means that there is
// none.
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "host/io/flac_frames.hpp"
#include "host/io/flac_library.hpp"
#include "host/io/readers.hpp"

namespace tutti::io {
namespace {

class FlacReader final : public RangeReader {
 public:
  FlacReader(OpenRequest request, bool in_ogg)
      : file_(request.file),
        name_(request.file->name()),
        warnings_(std::move(request.warnings)),
        in_ogg_(in_ogg),
        verified_(!request.options.check_md5) {
    open();
    info_ = library_->stream().info;
    scale_ = std::ldexp(1.0f, 1 - library_->stream().sample_bits);
    info_.container = in_ogg ? "Ogg FLAC" : "FLAC";
    check_channels_and_rate(name_, info_);
    // Constant channels take the fewest bytes: 10 up to 32768 samples, 12 up to the most, 65535.
    if (info_.frames / 65535 > file_->size_bytes() / 11 + 1) {
      throw IoError(name_, fmt::format("damaged FLAC: the header promises {} frames, more than "
                                       "the file can hold",
                                       info_.frames));
    }
    if (info_.frames == 0) count_frames();
  }

  const AudioInfo& info() const override { return info_; }

 private:
  void open();
  void try_frames(Frames first);
  void count_frames();
  void read_inside(Frames first, BlockView out) override;
  void move_to(Frames first);
  void decode_next();
  void finish();
  [[noreturn]] void fail_check();

  std::shared_ptr<PooledFile> file_;
  std::string name_;
  WarningSink warnings_;
  bool in_ogg_;
  bool verified_;  ///< nothing is left to be checked
  AudioInfo info_;
  float scale_ = 1;
  std::optional<FlacLibrary> library_;
  Frames library_first_ = 0;  ///< where libFLAC stands as long as there is frames_
  std::optional<FlacFrames> frames_;
  bool complete_ = true;       ///< no seek since the file was opened
  bool counted_ = false;       ///< the header did not say how many frames there are
  bool contradicted_ = false;  ///< by the MD5: no part of the file can be trusted
  FlacRun held_;
};

void FlacReader::open() {
  library_.emplace(file_, in_ogg_, !verified_);
  held_ = {};
  complete_ = true;
  try_frames(0);
}

/// Our own decoder goes on from where libFLAC is, which is before frame `first`.
void FlacReader::try_frames(Frames first) {
  library_first_ = first;
  const FlacStream& stream = library_->stream();
  const std::int64_t byte = in_ogg_ ? 0 : library_->position();
  if (byte == 0 || !FlacFrames::can_read(stream) || first % stream.longest_block != 0)
    return frames_.reset();
  frames_.emplace(file_, stream, first, byte, !verified_);
}

/// Decodes the next frames into held_; none at the end of the stream.
void FlacReader::decode_next() {
  held_ = {held_.end(), {}};  // nothing is held where this throws
  FlacRun run;
  if (frames_) {
    run = frames_->next();
    if (run.samples.frames == 0) {
      frames_.reset();
      held_ = {library_first_, {}};
    }
  }
  if (!frames_) run = library_->next(held_.end(), info_.frames);
  if (run.samples.frames > 0) held_ = run;
}

/// A file written to a pipe does not say how long it is: count, once.
void FlacReader::count_frames() {
  info_.frames = std::numeric_limits<Frames>::max();  // damage anywhere is an error
  do {
    decode_next();
  } while (held_.samples.frames > 0);
  info_.frames = held_.first;
  counted_ = true;
  finish();
}

/// The last frame has been decoded: compare checksums if every frame was seen.
void FlacReader::finish() {
  const bool matches = frames_ ? frames_->matches_md5() : library_->finish();
  frames_.reset();
  library_.reset();
  held_ = {};
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
  throw IoError(
      name_,
      "the audio does not match its own MD5: it was damaged or changed after it was encoded; use "
      "another copy");
}

void FlacReader::move_to(Frames first) {
  if (!library_) open();
  if (first >= held_.first && first < held_.end()) return;
  constexpr Frames kDecodeOnFrames = 16384;  // shorter jumps are cheaper decoded than sought
  if (first >= held_.end() && first - held_.end() <= kDecodeOnFrames) {
    do {
      decode_next();
    } while (held_.samples.frames > 0 && held_.end() <= first);
  } else {
    complete_ = false;
    frames_.reset();
    held_ = {};
    held_ = library_->seek(first);
    if (held_.samples.frames == 0) {
      library_.reset();
      throw IoError(name_, fmt::format("damaged FLAC: frame {} cannot be found", first));
    }
    try_frames(held_.end());
  }
  if (first < held_.first || first >= held_.end()) {
    throw IoError(name_,
                  fmt::format("damaged FLAC: frame {} of {} is missing", first, info_.frames));
  }
}

void FlacReader::read_inside(Frames first, BlockView out) {
  if (contradicted_) fail_check();
  for (Frames n = 0; n < out.frames;) {
    move_to(first + n);
    const Frames skip = first + n - held_.first;
    const Frames count = std::min(held_.samples.frames - skip, out.frames - n);
    for (int c = 0; c < out.channels; ++c) {
      const std::int32_t* from = held_.samples.channel(c) + skip;
      float* to = out.channel(c) + n;
      for (Frames i = 0; i < count; ++i) to[i] = static_cast<float>(from[i]) * scale_;
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
