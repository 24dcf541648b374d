// SPDX-License-Identifier: Apache-2.0
#include "cli/master_options.hpp"

#include <algorithm>
#include <thread>

#include "cli/quantities.hpp"

namespace tutti::cli {

MasterArguments::MasterArguments(CommandLine& line) : chain_(line) {
  line.add_option("--device", device_, "auto, cpu or cuda[:N]")->type_name("DEVICE");
  line.add_option("-j,--jobs", jobs_, "Items at a time (default: one a thread)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  line.add_option("--threads", threads_, "Threads; 0 is one per core")
      ->check(CLI::Range(0, 1024))
      ->option_text("N");
  line.add_option("--max-memory", max_memory_, "Limit for the signals that are kept")
      ->type_name("SIZE");
  line.add_option("--verify", verify_, "How a finished output is known: its size or its hash")
      ->type_name("size|full")
      ->check(CLI::IsMember({"size", "full"}));
  line.add_flag("--overwrite", overwrite_, "Replace outputs that are not of this job");
}

MasterOptions MasterArguments::take(bool quiet) const {
  MasterOptions options{chain_.take(quiet)};
  options.device = device_;
  options.threads =
      threads_ > 0 ? threads_ : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  // An item at work is a thread at work.
  if (threads_ > 0 && jobs_ > threads_)
    throw UsageError("--jobs " + std::to_string(jobs_) + " takes as many threads, and --threads is " +
                     std::to_string(threads_) + "; give one of them only");
  options.jobs = jobs_;
  if (!max_memory_.empty()) options.max_memory_bytes = parse_size_bytes(max_memory_);
  options.overwrite = overwrite_;
  options.full_hash = verify_ == "full";
  return options;
}

}  // namespace tutti::cli
