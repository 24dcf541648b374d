// SPDX-License-Identifier: Apache-2.0
// The shards of a job as a script for a batch engine.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tutti {

struct BatchJob {
  std::filesystem::path program, manifest, out;  ///< absolute: tasks start in folders of their own
  std::filesystem::path presets;                 ///< what TUTTI_PRESETS names, absolute; may be empty
  int shard_count = 1;
  std::vector<int> shards;                  ///< to run, ascending
  std::vector<std::string> render_options;  ///< handed to `tutti catalogue render`, files absolute
  std::vector<std::string> report_options;  ///< handed to `tutti catalogue report`, likewise
  int attempts = 3;                         ///< of one shard that says "run me again"

  // Slurm
  std::string gres;                         ///< of one task, "gpu:1"; empty: none
  std::string time_limit;                   ///< of one task, as sbatch takes it; empty: the site's
  int warning_s = 60;                       ///< TERM is sent so long before the time limit
  std::vector<std::string> sbatch_options;  ///< more of them, for the array

  // GNU parallel
  int jobs = 1;  ///< shards at the same time
  int gpus = 0;  ///< > 0: job slot n uses device (n − 1) mod gpus
};

/// Submits an array of the shards, and a job after it that writes report.html and report.json into
/// the output folder. A task that ends with 75, or by a signal, is queued again.
std::string slurm_script(const BatchJob& job);

/// Runs the shards here and then the report. Exit code: 2 when a shard had 2, else 75 when one is
/// to be run again, else 3 when one had items that failed for good, else 0.
std::string parallel_script(const BatchJob& job);

/// "0-11", "3,7-9": ascending numbers as a Slurm array names them.
std::string array_text(std::span<const int> numbers);

/// A word of a shell that is exactly `text`. It holds no line feed, whatever `text` does, so it
/// cannot end a here-document.
std::string shell_quoted(std::string_view text);

}  // namespace tutti
