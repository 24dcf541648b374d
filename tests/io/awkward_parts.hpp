// SPDX-License-Identifier: Apache-2.0
// What most of the awkward files are made of.
#pragma once

#include <cmath>
#include <string>

#include "tests/io/awkward_files.hpp"
#include "tests/io/byte_writer.hpp"
#include "tests/io/test_files.hpp"

namespace tutti::test {

inline constexpr Frames kFrames = 5000;

/// Full-range samples as they lie in a little-endian file.
inline std::string pcm_bytes(int bits, int channels, Frames frames) {
  ByteWriter out;
  for (Frames n = 0; n < frames; ++n) {
    for (int c = 0; c < channels; ++c) {
      out.le(static_cast<std::uint32_t>(pattern(bits, c, n)), bits / 8);
    }
  }
  return out.take();
}

inline auto integer_truth(int bits) {
  return [bits](int c, Frames n) {
    return std::ldexp(static_cast<float>(pattern(bits, c, n)), 1 - bits);
  };
}

/// A 24-bit WAV with nothing odd about it.
inline AwkwardFile plain(const std::string& name, int channels) {
  AwkwardFile file;
  file.name = name;
  file.channels = channels;
  file.frames = kFrames;
  file.truth = integer_truth(24);
  file.bytes =
      riff(wave_format(1, channels, 48000, 24) + chunk("data", pcm_bytes(24, channels, kFrames)));
  return file;
}

}  // namespace tutti::test
