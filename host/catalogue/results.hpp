// SPDX-License-Identifier: Apache-2.0
// How each item of a run ended: one line of JSON an item.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "host/catalogue/shards.hpp"

namespace tutti {

struct ItemResult {
  std::string id;
  enum class Status { done, skipped, failed } status = Status::done;
  std::string kind;  ///< of a failure: "input_unreadable", "disk_full", …
  std::string message;
  bool retriable = false;
  /// The outputs were made anew of another input than their sidecars named. Said here and not in the
  /// sidecar, which tells nothing of what was there before.
  bool input_changed = false;
  double seconds = 0;  ///< that the work took
  /// When. Of a line that does not say: when its file last changed.
  std::filesystem::file_time_type ended = std::filesystem::file_time_type::min();
};

/// {"id", "status", "seconds", "ended_unix_s"}, of a failure {"kind", "message", "retriable"} and, where
/// it was so, "input_changed"; line feed included.
std::string result_line(const ItemResult& result);

/// results/RUN/shard-I-of-N.ATTEMPT.jsonl under the output folder. No two attempts write to one file
/// (ResultLog).
std::filesystem::path results_path(const std::filesystem::path& out, std::string_view run,
                                   const ShardChoice& shard, int attempt);

/// The latest line of each id over all runs, by when it ended, then the files' time of change and
/// name. What is no whole line of this form is passed over, and so is a torn one: an object's brace
/// comes last. A result is a note, the sidecars are the truth. Throws IoError when a folder can not
/// be read.
std::map<std::string, ItemResult> latest_results(const std::filesystem::path& out);

}  // namespace tutti
