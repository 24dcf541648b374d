// SPDX-License-Identifier: Apache-2.0
// Audio files out: written beside their final name, flushed, renamed.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "host/audio/block_view.hpp"
#include "host/audio/channel_layout.hpp"
#include "host/audio/errors.hpp"
#include "host/dsp/pack.hpp"
#include "host/io/metadata.hpp"

namespace tutti {

enum class Encoding { pcm8, pcm16, pcm24, pcm32, float32, float64 };

struct WriteSpec {
  std::filesystem::path path;  ///< .wav .flac .aiff .caf .w64 .ogg .opus .mp3 by extension
  double sample_rate_hz = 48000;
  int channels = 2;
  std::uint32_t wave_mask = 0;
  Encoding encoding = Encoding::pcm24;
  DitherKind dither = DitherKind::none;
  std::uint64_t seed = 0;
  Frames expected_frames = 0;  ///< a hint: chooses RF64 from the start when the file needs it
  bool overwrite = false;
  bool adopt_same = false;  ///< a file of these very bytes that is there already is taken for this one
  /// Called with the SHA-256 of the finished bytes before they get their name: what has to be known
  /// of them when the process ends in between.
  std::function<void(const std::string& sha256)> before_rename;
  bool digests = true;  ///< sha256 and audio_md5: they cost several times what the writing does
  std::shared_ptr<const Metadata> metadata;  ///< of the file that this one is made of; null: none
  MetadataChange metadata_change;
  WarningSink warnings;  ///< hears what of `metadata` this container can not hold
};

/// One file being written. Destroyed before `commit`: nothing is left behind.
class AudioWriter {
 public:
  virtual ~AudioWriter() = default;
  /// Appends frames. Throws IoError (disk full: IoFault::exhausted).
  virtual void write(ConstBlockView block) = 0;
  /// How a packer makes what `write_packed` takes; none where only floats can be encoded.
  virtual std::optional<PackDesign> packing() const { return std::nullopt; }
  /// Appends frames from a packer of `packing()`, which is then the only one the file is made of:
  /// the same bytes as `write` makes of the same frames.
  virtual void write_packed(const Packed& packed);
  /// How loud the whole file is, for the containers that say so (bext). Before `commit`.
  virtual void set_loudness(const Measurement&) {}
  /// Ends the encoding so that the file can be read before it has its name, and says where it lies
  /// until then. After it: `commit`, or nothing, and the file is gone.
  virtual std::filesystem::path finish() = 0;
  /// Finishes the header, flushes to disk and renames to the final name. Returns what was written.
  struct Written {
    std::filesystem::path path;
    Frames frames = 0;
    std::int64_t bytes = 0;  ///< of the file that got its name, whatever stands there by now
    std::int64_t clipped_samples = 0;
    std::string sha256;     ///< of the file's bytes, hex; empty without `digests`
    std::string audio_md5;  ///< of the interleaved samples as stored, hex (FLAC's own definition:
                            ///< signed, little-endian); of the float input for lossy codecs
  };
  virtual Written commit() = 0;
};

/// Opens a temporary file in the final folder (created if missing). Throws IoError: the container
/// can not hold that encoding, the final file exists and `overwrite` is off, no permission.
std::unique_ptr<AudioWriter> open_writer(const WriteSpec& spec);

/// Why that container can not hold this (a short clause), or "" if it can. No file is touched.
std::string unsupported_reason(const WriteSpec& spec);

/// What AudioWriter::packing of a writer of that would say. `spec` is supported. No file is touched.
std::optional<PackDesign> packing_of(const WriteSpec& spec);

/// Whether what is written there will not be what is read back.
bool is_lossy(const std::filesystem::path& path);

/// Bits of an integer encoding; 0 for floats.
int integer_bits(Encoding encoding);

/// Removes every temporary file of writers that are open now and the empty folders that were
/// created for them; safe to call from a signal watcher thread.
void remove_temporaries() noexcept;

}  // namespace tutti
