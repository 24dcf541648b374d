// SPDX-License-Identifier: Apache-2.0
// A file that is read from its beginning to its end, and is one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace tutti::catalogue {

/// Opening a pipe or a device could wait for ever, and reading it never end: both are refused.
class RegularFile {
 public:
  /// Throws IoError: what can not be opened, or is no regular file. What may be there later
  /// (descriptors used up, a file server away) is IoFault::exhausted.
  explicit RegularFile(const std::filesystem::path& file);
  ~RegularFile();
  RegularFile(const RegularFile&) = delete;
  RegularFile& operator=(const RegularFile&) = delete;

  std::uint64_t size_bytes() const { return size_bytes_; }
  /// At least one byte, at most `bytes`; 0 at the end. Throws IoError.
  std::size_t read(void* to, std::size_t bytes);

 private:
  std::string name_;
  int descriptor_ = -1;
  std::uint64_t size_bytes_ = 0;
};

/// Asks the system to have the beginning of a file (256 MiB) in memory soon, and does not wait. What is
/// wrong with the file is told when it is read.
void read_ahead(const std::filesystem::path& file) noexcept;

}  // namespace tutti::catalogue
