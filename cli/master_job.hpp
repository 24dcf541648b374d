// SPDX-License-Identifier: Apache-2.0
// A mastering job from its manifest to its exit code.
#pragma once

#include <filesystem>
#include <string>

#include "cli/master_options.hpp"
#include "host/catalogue/item.hpp"
#include "host/catalogue/shards.hpp"

namespace tutti::cli {

/// How a job shows itself: --json, --progress, -q.
class JobOutput {
 public:
  explicit JobOutput(CommandLine& line);
  bool quiet() const { return quiet_; }
  const std::string& progress() const { return progress_; }
  const std::string& json() const { return json_.path(); }

 private:
  JsonOption json_;
  std::string progress_ = "auto";
  bool quiet_ = false;
};

/// Runs the items of a shard and leaves their results under `out`. 0 all done, 3 some failed for
/// good, 75 the same command goes on.
int run_master_job(Manifest manifest, const MasterOptions& options,
                   const std::filesystem::path& out, const ShardChoice& shard,
                   const JobOutput& shown);

}  // namespace tutti::cli
