// SPDX-License-Identifier: Apache-2.0
// A mastering job from its manifest to its exit code.
#pragma once

#include <filesystem>
#include <string>

#include "cli/master_options.hpp"
#include "host/catalogue/item.hpp"
#include "host/catalogue/shards.hpp"

namespace tutti::cli {

/// How a job shows itself: --json, --report, --progress, -q, -v.
class JobOutput {
 public:
  explicit JobOutput(CommandLine& line);
  bool quiet() const { return quiet_; }
  bool verbose() const { return verbose_; }
  const std::string& progress() const { return progress_; }
  const std::string& json() const { return json_.path(); }
  const std::string& html() const { return html_; }

 private:
  JsonOption json_;
  std::string progress_ = "auto", html_;
  bool quiet_ = false, verbose_ = false;
};

/// Says on standard error, quiet or not, which files of folders nobody will master: no job is done
/// while some of its files were passed over in silence.
void tell_undecodable(const Manifest& manifest);

/// Runs the items of a shard, if any, and leaves their results under `out`. 0 all done, 3 some failed for
/// good, 75 the same command goes on.
int run_master_job(Manifest manifest, const MasterOptions& options,
                   const std::filesystem::path& out, const ShardChoice& shard,
                   const JobOutput& shown);

}  // namespace tutti::cli
