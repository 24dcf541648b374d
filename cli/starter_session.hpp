// SPDX-License-Identifier: Apache-2.0
// The text of a session to begin with.
#pragma once

#include <filesystem>
#include <string>

#include "cli/stem_scan.hpp"

namespace tutti::cli {

struct StarterOptions {
  std::filesystem::path folder;             ///< that was scanned
  std::filesystem::path session_directory;  ///< that paths are written against
  std::string session_name;                 ///< as in the commands of the head comment
  bool gain_stage = false;
};

/// The RMS at which `--gain-stage` lets every stem sit while it sounds.
inline constexpr double kGainStageDbfs = -18;

/// A commented session in YAML that `tutti check` accepts.
std::string starter_session(const StemScan& scan, const StarterOptions& options);

/// A YAML scalar that reads back as `value` (UTF-8): plain where that is safe, else double-quoted.
std::string yaml_string(const std::string& value);

}  // namespace tutti::cli
