// SPDX-License-Identifier: Apache-2.0
// The options that `tutti render` and `tutti plan` share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.hpp"
#include "host/engine/render.hpp"

namespace tutti::cli {

class RenderArguments {
 public:
  explicit RenderArguments(CommandLine& line);

  /// The options as the engine takes them; `progress`, `warnings` and `stop` are the caller's.
  /// Throws UsageError for values and names that are wrong.
  RenderOptions options(const Session& session) const;

  std::string session_path;

 private:
  std::string output_directory_, device_ = "auto", max_memory_;
  std::optional<std::string> range_;
  std::vector<std::string> only_, solo_, disabled_passes_;
  int threads_ = 0;
  bool allow_non_finite_ = false;
};

}  // namespace tutti::cli
