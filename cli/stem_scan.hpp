// SPDX-License-Identifier: Apache-2.0
// The stems that a folder holds.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/io/decode.hpp"

namespace tutti::cli {

struct FoundStem {
  std::filesystem::path path;
  std::string name;  ///< unique among the stems that can be used
  AudioInfo info;
  std::optional<double> sounding_rms_dbfs;  ///< see measure_sounding_rms
  std::string problem;                      ///< why it can not be a stem; empty: it can
};

struct StemScan {
  std::vector<FoundStem> stems;                ///< in natural order, unusable ones among them
  std::vector<std::filesystem::path> folders;  ///< that were not looked into
};

/// Opens every file of a folder (not hidden ones, not subfolders) and names the stems after their
/// files. Throws IoError when the folder can not be read, Cancelled.
StemScan scan_stems(const std::filesystem::path& folder);

/// Fills `sounding_rms_dbfs` of the usable stems, over all cores. A stem that turns out to be
/// damaged gets its `problem`.
void measure_sounding_rms(std::vector<FoundStem>& stems);

/// RMS of all channels over the windows of 20 ms in which the stem sounds: those whose own RMS is
/// above −60 dBFS. None when there is no such window. Full-scale square is 0 dBFS.
std::optional<double> sounding_rms_dbfs(AudioReader& reader);

/// "Violin 2" before "Violin 10": runs of digits compare by value, ASCII letters without case; ties
/// by bytes.
bool natural_less(std::string_view a, std::string_view b);

}  // namespace tutti::cli
