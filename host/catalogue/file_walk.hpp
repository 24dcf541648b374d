// SPDX-License-Identifier: Apache-2.0
// The files under a folder, in an order that does not depend on the file system.
#pragma once

#include <filesystem>
#include <functional>

namespace tutti::catalogue {

struct WalkOptions {
  bool hidden = false;           ///< names that begin with a dot too
  std::filesystem::path except;  ///< a folder that is not entered; empty: none
  /// Whether a folder is entered, by its path relative to the root; empty: all are.
  std::function<bool(const std::filesystem::path& relative)> enters;
};

/// Calls `sink` with each file (no folder, pipe, socket or device), relative to `root`, sorted by
/// the bytes of the names folder by folder. Symbolic links are followed; each folder is entered
/// once, so a link that leads back ends there. Throws IoError when a folder can not be read.
void walk_files(const std::filesystem::path& root, const WalkOptions& options,
                const std::function<void(const std::filesystem::path& relative)>& sink);

}  // namespace tutti::catalogue
