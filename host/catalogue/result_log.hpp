// SPDX-License-Identifier: Apache-2.0
// The results of a run on disk while it runs.
#pragma once

#include <filesystem>
#include <string>

#include "host/catalogue/results.hpp"

namespace tutti {

/// One file of result lines that nobody else writes to: its name is taken by creating it, so runs
/// and shards on one folder, on one machine or many, each have their own. A line is written by one
/// call as soon as it is appended: what ended is known whenever the process is killed. Nothing is
/// flushed to the disk itself: after a power failure the last lines may be missing, and the
/// sidecars, which are flushed, still say what is done.
class ResultLog {
 public:
  /// Touches nothing until the first line.
  ResultLog(std::filesystem::path out, std::string run, const ShardChoice& shard);
  ~ResultLog();
  ResultLog(const ResultLog&) = delete;
  ResultLog& operator=(const ResultLog&) = delete;

  /// Throws IoError when the line could not be written whole; the next one may be tried.
  void append(const ItemResult& result);

  /// Empty before the first line.
  const std::filesystem::path& file() const { return file_; }

 private:
  void open();
  [[noreturn]] void fail(int error) const;

  std::filesystem::path out_, file_;
  std::string run_;
  ShardChoice shard_;
  int descriptor_ = -1;
  bool torn_ = false;  ///< the last line has no end
};

}  // namespace tutti
