// SPDX-License-Identifier: Apache-2.0
// What `master` and `catalogue render` share: the chain and how to run it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/chain_arguments.hpp"
#include "cli/command_line.hpp"

namespace tutti::cli {

struct MasterOptions : ChainOptions {
  std::string device = "auto";
  int threads = 1;
  int jobs = 0;  ///< 0: as many as threads
  std::uint64_t max_memory_bytes = 0;
  bool overwrite = false, full_hash = false;
};

/// The options of a command line; `take` after it was read.
class MasterArguments {
 public:
  explicit MasterArguments(CommandLine& line);
  /// Reads and checks the chain. Throws UsageError, SessionError, IoError.
  MasterOptions take(bool quiet) const;
  const ChainArguments& chain() const { return chain_; }

 private:
  ChainArguments chain_;
  std::string device_ = "auto", max_memory_, verify_ = "size";
  int jobs_ = 0, threads_ = 0;
  bool overwrite_ = false;
};

}  // namespace tutti::cli
