// SPDX-License-Identifier: Apache-2.0
// Odd and broken audio files that exist in the wild: how each is built and what must come out.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/audio/units.hpp"

namespace tutti::test {

enum class Outcome { exact, warn, refuse };

/// One file and the decision about it.
struct AwkwardFile {
  std::string name;
  Outcome outcome = Outcome::exact;
  std::string bytes;
  int rate_hz = 48000;
  int channels = 2;
  Frames frames = 0;
  std::function<float(int channel, Frames frame)> truth;
  std::vector<std::string> warnings;  ///< the codes, in order
  std::string error;                  ///< a part of the message of a refusal
  std::uint32_t wave_mask = 0;
  Frames time_reference_frames = -1;  ///< −1: none
};

/// All of them. The order and the names are those of the collection that they restate.
std::vector<AwkwardFile> awkward_files();

/// Those that sound ordinary and are odd in their content or their name.
void add_odd_content(std::vector<AwkwardFile>& files);
/// Compressed files and foreign containers.
void add_codecs(std::vector<AwkwardFile>& files);
/// Headers that lie or stop.
void add_broken_headers(std::vector<AwkwardFile>& files);

}  // namespace tutti::test
