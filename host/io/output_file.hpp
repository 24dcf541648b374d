// SPDX-License-Identifier: Apache-2.0
// One file that appears under its final name when it is complete, or never.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/io/digest.hpp"
#include "host/io/encode.hpp"
#include "host/io/temporaries.hpp"

namespace tutti::io {

/// A temporary file in the folder of `path`. `append` and `overwrite_at` throw IoError (disk full:
/// IoFault::exhausted). Destroyed before `commit`: the temporary file and the folders that were
/// created for it are removed.
class OutputFile {
 public:
  /// Creates missing folders. Throws IoError when the path is a folder, or exists and `overwrite`
  /// is off.
  explicit OutputFile(const WriteSpec& spec);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  const std::string& name() const { return name_; }
  std::int64_t size_bytes() const { return size_bytes_; }

  /// Bytes will be replaced: nothing is hashed on the way that would be hashed again.
  void expect_changes() { digest_.reset(); }
  void append(const void* bytes, std::size_t count);
  /// Replaces bytes that have been written; the hash is then taken from the finished file.
  void overwrite_at(std::int64_t offset, const void* bytes, std::size_t count);
  /// Cuts the file; the hash is then taken from the finished file.
  void truncate(std::int64_t size_bytes);
  /// Reads back what has been written; fewer bytes at the end.
  std::size_t read_at(std::int64_t offset, void* to, std::size_t count);

  /// Where everything written so far can be read until `commit`.
  const std::filesystem::path& flushed() {
    flush();
    return temporary_;
  }

  /// Flushes file and folder to disk and gives the file its name. Returns the SHA-256 of the bytes
  /// ("" without `digests`). Throws where a write has failed before: something is missing then.
  /// Throws Cancelled if `remove_temporaries` has taken the file away.
  std::string commit();

 private:
  void create_folders();
  void create_temporary();
  void flush();
  void write_all(std::int64_t offset, const char* bytes, std::size_t count);
  std::string hash_file();
  void rename_into_place(const std::string& sha256);
  bool adopts(const std::string& sha256);
  void abandon() noexcept;
  [[noreturn]] void fail(const char* action, int error) const;

  std::filesystem::path path_;
  std::string name_;
  bool overwrite_;
  bool adopt_same_;
  std::function<void(const std::string& sha256)> before_rename_;
  bool digests_;
  std::filesystem::path temporary_;
  CreatedFolders folders_;
  int descriptor_ = -1;
  std::vector<char> buffer_;
  std::int64_t size_bytes_ = 0;   ///< with what the buffer holds
  std::optional<Digest> digest_;  ///< none once bytes have been replaced
  int write_error_ = 0;           ///< of the first write that failed
};

}  // namespace tutti::io
