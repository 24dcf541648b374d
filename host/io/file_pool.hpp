// SPDX-License-Identifier: Apache-2.0
// Input files without a descriptor each: a process-wide least-recently-used set of open ones.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <list>
#include <string>

namespace tutti::io {

/// One input file that can be read at any offset. Holds its descriptor only while the pool has room
/// (at most 200, and at most a quarter of RLIMIT_NOFILE over all files); a closed file is reopened
/// on the next read and must then still be the same file. One thread at a time per object.
class PooledFile {
 public:
  /// Throws IoError when the path is missing, unreadable or not a regular file.
  explicit PooledFile(std::filesystem::path path);
  ~PooledFile();
  PooledFile(const PooledFile&) = delete;
  PooledFile& operator=(const PooledFile&) = delete;

  const std::string& name() const { return name_; }
  std::int64_t size_bytes() const { return size_bytes_; }

  /// Reads up to `bytes` at `offset`; fewer only at the end of the file. Throws IoError.
  std::size_t read_at(std::int64_t offset, void* to, std::size_t bytes);

 private:
  friend class DescriptorPool;
  int open_descriptor();

  std::filesystem::path path_;
  std::string name_;
  std::int64_t size_bytes_ = -1;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::timespec modified_ = {};
  // Guarded by the pool.
  int descriptor_ = -1;
  bool busy_ = false;
  std::list<PooledFile*>::iterator place_;
};

/// How many descriptors the pool holds now; for tests.
int pooled_descriptors();

}  // namespace tutti::io
