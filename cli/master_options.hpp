// SPDX-License-Identifier: Apache-2.0
// What `master` and `catalogue render` share: the chain and how to run it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/command_line.hpp"
#include "host/dsp/programme_loudness.hpp"
#include "host/session/model.hpp"

namespace tutti::cli {

struct MasterOptions {
  Session chain;
  bool albums = true;  ///< items of one album share a gain
  AlbumLoudness album = AlbumLoudness::pooled;
  std::string device = "auto";
  int jobs = 0;  ///< 0: one a core
  std::uint64_t max_memory_bytes = 0;
  bool overwrite = false, full_hash = false, allow_non_finite = false;
};

/// The options of a command line; `take` after it was read.
class MasterArguments {
 public:
  explicit MasterArguments(CommandLine& line);
  /// Reads and checks the chain. Throws UsageError, SessionError, IoError.
  MasterOptions take(bool quiet) const;

 private:
  Session chain(bool quiet) const;

  std::string chain_, preset_, album_ = "pooled", device_ = "auto", max_memory_, verify_ = "size";
  std::optional<double> target_lufs_, ceiling_dbtp_;
  int jobs_ = 0;
  bool overwrite_ = false, allow_non_finite_ = false;
};

}  // namespace tutti::cli
