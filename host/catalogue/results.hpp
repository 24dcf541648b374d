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
  double seconds = 0;                       ///< that the work took
  std::filesystem::file_time_type written;  ///< of a line that was read: when its file changed
};

/// {"id", "status", "seconds"} and, of a failure, {"kind", "message", "retriable"}; line feed
/// included.
std::string result_line(const ItemResult& result);

/// results/RUN/shard-I-of-N.ATTEMPT.jsonl under the output folder. The file of a run is written
/// once, at its end, by rename (io::OutputFile), so no two attempts touch one file.
std::filesystem::path results_path(const std::filesystem::path& out, std::string_view run,
                                   const ShardChoice& shard, int attempt);

/// The latest line of each id over all runs, by the files' time of change, then their names. Lines
/// and files that are not of this form are left out: a result is a note, the sidecars are the
/// truth. Throws IoError when a folder can not be read.
std::map<std::string, ItemResult> latest_results(const std::filesystem::path& out);

}  // namespace tutti
