// SPDX-License-Identifier: Apache-2.0
#include "host/io/pcm_layout.hpp"

#include <fmt/format.h>

namespace tutti::io {

void check_channels_and_rate(const std::string& path, const AudioInfo& info) {
  if (info.channels < 1) throw IoError(path, "the header says 0 channels");
  if (info.channels > kMaxChannels) {
    throw IoError(path, fmt::format("has {} channels; at most {} can be read, split it first",
                                    info.channels, kMaxChannels));
  }
  if (!(info.sample_rate_hz >= 8000 && info.sample_rate_hz <= 384000)) {
    throw IoError(path, fmt::format("has a sample rate of {} Hz; 8000 to 384000 Hz can be read",
                                    info.sample_rate_hz));
  }
}

void warn(const WarningSink& warnings, const std::string& path, const char* code,
          const std::string& message) {
  if (warnings) warnings({code, message, path});
}

void set_frames(PcmLayout& layout, std::int64_t bytes, std::uint64_t claimed_bytes,
                const std::string& path, const WarningSink& warnings) {
  const std::int64_t frame_bytes = layout.frame_bytes();
  layout.info.frames = bytes / frame_bytes;
  if (claimed_bytes > static_cast<std::uint64_t>(bytes)) {
    warn(warnings, path, "truncated",
         fmt::format("the file ends early: {} whole frames of {} are there", layout.info.frames,
                     claimed_bytes / static_cast<std::uint64_t>(frame_bytes)));
  } else if (bytes % frame_bytes != 0) {
    warn(warnings, path, "partial_frame",
         fmt::format("{} bytes after the last whole frame are ignored", bytes % frame_bytes));
  }
}

std::string encoding_name(const StoredFormat& format, int valid_bits) {
  const int bits = 8 * format.bytes;
  if (format.kind == SampleKind::floating) return fmt::format("float {}", bits);
  if (valid_bits == bits) return fmt::format("PCM {}", bits);
  return fmt::format("PCM {} in {}", valid_bits, bits);
}

}  // namespace tutti::io
