// SPDX-License-Identifier: Apache-2.0
// What exists on disk only while something is being written: temporary files, folders made for
// them.
#pragma once

#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace tutti::io {

/// The temporary files and the created folders of everything that is being written now.
struct Temporaries {
  std::mutex mutex;
  std::set<std::filesystem::path> files;
  std::set<std::filesystem::path> folders;

  static Temporaries& instance();
};

/// A name that nothing has: ".tutti-MACHINE-PROCESS-RANDOM.part". Short whatever the final name is,
/// so that it fits where a 255-byte name does.
std::string temporary_name();

/// Removes the temporary files and folders of writers that are gone: of this machine since it was
/// started, those whose process does not exist any more; of others, files that nobody has touched
/// for a week. Everything else in the folder is left alone. Never fails: what can not be removed stays.
void remove_abandoned_temporaries(const std::filesystem::path& folder) noexcept;

/// Folders that were missing. Destroyed: those that are empty are removed again.
class CreatedFolders {
 public:
  CreatedFolders() = default;
  ~CreatedFolders() { remove_empty(); }
  CreatedFolders(const CreatedFolders&) = delete;
  CreatedFolders& operator=(const CreatedFolders&) = delete;

  /// Creates a folder and its missing parents. Returns 0 or the error number.
  int create(const std::filesystem::path& folder);
  void remove_empty() noexcept;

 private:
  std::vector<std::filesystem::path> folders_;  ///< parents first
};

}  // namespace tutti::io
