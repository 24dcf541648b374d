// SPDX-License-Identifier: Apache-2.0
// Which file a path leads to, whatever it is called.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <utility>

namespace tutti::io {

/// Device and inode, through whatever links; none: nothing is there. Two paths to one file have the
/// same, so that an input can be told from an output whatever leads to it.
using FileIdentity = std::pair<dev_t, ino_t>;

inline std::optional<FileIdentity> file_identity(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return FileIdentity(status.st_dev, status.st_ino);
}

}  // namespace tutti::io
