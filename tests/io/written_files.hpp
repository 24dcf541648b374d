// SPDX-License-Identifier: Apache-2.0
// Files that tests write.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>

#include "host/io/encode.hpp"
#include "tests/io/test_files.hpp"

namespace tutti::test {

/// Audio that every integer encoding holds exactly: multiples of one step.
inline Buffer steps(int bits, int channels, Frames frames) {
  Buffer audio(channels, frames);
  for (int c = 0; c < channels; ++c) {
    for (Frames n = 0; n < frames; ++n) {
      audio.channel(c)[n] = static_cast<float>(std::ldexp(
          static_cast<double>(pattern(std::min(bits, 24), c, n)), 1 - std::min(bits, 24)));
    }
  }
  return audio;
}

inline AudioWriter::Written write_file(const WriteSpec& spec, ConstBlockView audio) {
  const auto writer = open_writer(spec);
  // In uneven pieces: the bytes must not depend on them.
  for (Frames n = 0, size = 1; n < audio.frames; n += size, size = size * 3 + 1) {
    writer->write(audio.slice(n, std::min(size, audio.frames - n)));
  }
  return writer->commit();
}

inline std::string first_word(const std::string& text) {
  return text.substr(0, text.find_first_of(" \n"));
}

inline WriteSpec stereo(const std::filesystem::path& path) {
  WriteSpec spec;
  spec.path = path;
  return spec;
}

}  // namespace tutti::test
