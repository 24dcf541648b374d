// SPDX-License-Identifier: Apache-2.0
// Every sidecar under an output folder.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "host/catalogue/sidecar.hpp"

namespace tutti {

struct FoundSidecar {
  std::filesystem::path output;  ///< relative to the folder
  Sidecar sidecar;
  bool output_agrees = false;  ///< the output is there, and as long as its sidecar says
  std::filesystem::file_time_type written;  ///< the sidecar's own time
};

/// What has the name of a sidecar, beside or instead of an audio file, and can not be read as one.
struct UnreadableSidecar {
  std::filesystem::path output;  ///< whose sidecar it would be; relative to the folder
  std::string message;           ///< without a path; what is wrong, and what makes it good
};

/// Calls `sink` with one sidecar after the other, sorted by the bytes of their names; 100,000 of
/// them are never in memory together. `unreadable` (may be empty) hears of the damaged ones in the
/// same order; other people's .json files, which have no audio file's name, are passed over. Throws
/// IoError when a folder can not be read.
void for_each_sidecar(const std::filesystem::path& out,
                      const std::function<void(FoundSidecar&& found)>& sink,
                      const std::function<void(const UnreadableSidecar& damaged)>& unreadable);

}  // namespace tutti
