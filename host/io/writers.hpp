// SPDX-License-Identifier: Apache-2.0
// The encoders that open_writer chooses from. Each throws IoError when it can not start.
#pragma once

#include <memory>

#include "host/io/encode.hpp"
#include "host/io/pcm_containers.hpp"

namespace tutti::io {

std::unique_ptr<AudioWriter> open_pcm_writer(const WriteSpec& spec, PcmContainer container);
std::unique_ptr<AudioWriter> open_flac_writer(const WriteSpec& spec);

enum class LossyCodec { vorbis, opus, mp3 };
std::unique_ptr<AudioWriter> open_lossy_writer(const WriteSpec& spec, LossyCodec codec);

/// What `spec` asks of a packer that stores samples like that.
inline PackDesign pack_design(const WriteSpec& spec, const StoredFormat& format) {
  return {format, integer_bits(spec.encoding), spec.dither, spec.seed, spec.sample_rate_hz};
}

/// What FLAC's MD5 is of.
inline StoredFormat flac_format(Encoding encoding) {
  return {SampleKind::signed_integer, integer_bits(encoding) / 8, false};
}

/// Frames that a writer handles at a time: its scratch stays in the second-level cache.
inline constexpr Frames kWritePieceFrames = 2048;

}  // namespace tutti::io
