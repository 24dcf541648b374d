// SPDX-License-Identifier: Apache-2.0
// What a header of uncompressed audio says after it has been checked against the file.
#pragma once

#include <optional>

#include "host/io/decode.hpp"
#include "host/io/file_pool.hpp"
#include "host/audio/stored_format.hpp"

namespace tutti::io {

/// Where the samples lie and how they are stored.
struct PcmLayout {
  AudioInfo info;
  StoredFormat format;
  std::int64_t data_offset = 0;

  std::int64_t frame_bytes() const { return std::int64_t{info.channels} * format.bytes; }
};

/// A header that was read to its end: either samples that this program unpacks itself, or the name
/// of the codec that they are stored in.
struct PcmHeader {
  PcmLayout layout;
  std::string codec;  ///< not empty: compressed, for another decoder
};

/// Both throw IoError with one line and report to `warnings` what they tolerate.
PcmHeader parse_wave(PooledFile& file, const WarningSink& warnings);
PcmHeader parse_aiff(PooledFile& file, const WarningSink& warnings);

inline constexpr int kMaxChannels = 16;

/// Refuses channel counts and rates that no part of the program can handle.
void check_channels_and_rate(const std::string& path, const AudioInfo& info);

/// Sends a warning if anybody listens.
void warn(const WarningSink& warnings, const std::string& path, const char* code,
          const std::string& message);

/// Sets `layout.info.frames` from the bytes that are there; warns of a partial last frame, and of
/// the end of the file where `claimed_bytes` says that there is more.
void set_frames(PcmLayout& layout, std::int64_t bytes, std::uint64_t claimed_bytes,
                const std::string& path, const WarningSink& warnings);

/// "PCM 24", "PCM 20 in 24", "float 32".
std::string encoding_name(const StoredFormat& format, int valid_bits);

}  // namespace tutti::io
