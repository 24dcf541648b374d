// SPDX-License-Identifier: Apache-2.0
// Ordinary containers with odd content, and odd names.
#include <algorithm>

#include "tests/io/awkward_parts.hpp"

namespace tutti::test {
namespace {

constexpr std::int32_t kFull = 8388607;

/// 24-bit stereo of whole numbers given by a function.
template <typename Value>
AwkwardFile content(const std::string& name, Value value) {
  AwkwardFile file = plain(name, 2);
  ByteWriter data;
  for (Frames n = 0; n < kFrames; ++n) {
    for (int c = 0; c < 2; ++c) data.le(static_cast<std::uint32_t>(value(c, n)), 3);
  }
  file.bytes = riff(wave_format(1, 2, 48000, 24) + chunk("data", data.take()));
  file.truth = [value](int c, Frames n) { return static_cast<float>(value(c, n)) / 8388608.0f; };
  return file;
}

}  // namespace

void add_odd_content(std::vector<AwkwardFile>& files) {
  files.push_back(content("silence.wav", [](int, Frames) { return 0; }));
  files.push_back(content("dc_offset.wav", [](int, Frames) { return 2516582; }));
  files.push_back(content("side_only.wav", [](int c, Frames n) {
    const std::int32_t value = std::max(pattern(24, 0, n), -kFull);
    return c == 0 ? value : -value;
  }));
  files.push_back(content("hard_clipped.wav", [](int c, Frames n) {
    return std::clamp(5 * (pattern(24, c, n) / 2), -kFull - 1, kFull);
  }));
  files.push_back(content("dirac.wav", [](int, Frames n) { return n == 2000 ? kFull : 0; }));
  files.push_back(content("one_lsb_left.wav", [](int c, Frames n) {
    return c == 1 ? 0 : (n / 24) % 2 == 0 ? 256 : -256;
  }));
  for (const char* name :
       {"Ünïcode – Тест 音声 🎻.wav", "-starts-with-dash.wav", "quote's \"double\" $HOME `x` ;&.wav",
        "UPPER.WAV", "no_extension", " leading and trailing space .wav", "Cafe\xcc\x81.wav"}) {
    files.push_back(plain(name, 2));
  }
  files.push_back(plain(std::string(250, 'L') + ".wav", 2));
}

}  // namespace tutti::test
