// SPDX-License-Identifier: Apache-2.0
// Audio files in: any supported container to planar float.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "host/audio/block_view.hpp"
#include "host/audio/errors.hpp"
#include "host/audio/stored_format.hpp"

namespace tutti {

/// What the header says, checked against the file.
struct AudioInfo {
  double sample_rate_hz = 0;
  int channels = 0;
  Frames frames = 0;                            ///< whole frames that can be decoded
  std::uint32_t wave_mask = 0;                  ///< 0: not given or contradicting the channel count
  std::string container;                        ///< "WAV", "FLAC", …
  std::string encoding;                         ///< "PCM 24", "float 32", …
  std::optional<Frames> time_reference_frames;  ///< bext time stamp
};

struct DecodeOptions {
  bool allow_non_finite = false;  ///< replace NaN and infinity by 0 with a warning, not an error
  /// A FLAC file read from start to end must match its own MD5. That takes longer than decoding;
  /// every frame has a checksum of its own besides.
  bool check_md5 = true;
  bool read_ahead = false;  ///< what has to be decoded, on a thread of its own: see read_ahead()
};

/// Sequential and random access to one file's audio. One thread at a time. Keeps no descriptor open
/// between calls beyond a process-wide budget (least recently used are closed), so thousands of
/// files can be held.
class AudioReader {
 public:
  virtual ~AudioReader() = default;
  virtual const AudioInfo& info() const = 0;

  /// Frames [first, first + out.frames) into `out` (out.channels == info().channels). Frames
  /// outside the file are zero. Integer PCM scales by 2^(1−bits) of its container, so full scale is
  /// ±1; floats pass unchanged, over full scale too. Sequential calls are cheap; a seek may not be.
  /// Throws IoError (damage, NaN or infinity with its channel and frame).
  virtual void read(Frames first, BlockView out) = 0;

  /// How the file stores its samples, if read_packed can hand them over untouched.
  virtual std::optional<StoredFormat> packed_format() const { return std::nullopt; }
  /// Frames [first, first + count), all inside the file, interleaved as they are stored. Throws
  /// IoError as `read` does, std::logic_error where packed_format is empty.
  virtual void read_packed(Frames first, Frames count, std::byte* to);
};

/// Opens a file by its content, not its name. Throws IoError with one line that says what is wrong.
/// `warnings` hears of what was tolerated (truncation, wrong sizes, bad checksum, mask mismatch).
std::unique_ptr<AudioReader> open_audio(const std::filesystem::path& path,
                                        const WarningSink& warnings = {},
                                        const DecodeOptions& options = {});

/// The same, decoded a few blocks before it is asked for, by a thread that starts with the first read
/// and ends where somebody jumps. It calls what `source` calls: warnings come from there.
std::unique_ptr<AudioReader> read_ahead(std::unique_ptr<AudioReader> source);

/// A reader at another rate: soxr's best quality, linear phase, exact length
/// round(frames · to / from), frame 0 aligned with frame 0. Reading position is in frames of the
/// new rate. Results do not depend on how the range is cut into calls.
std::unique_ptr<AudioReader> resample(std::unique_ptr<AudioReader> source, double to_rate_hz);

}  // namespace tutti
