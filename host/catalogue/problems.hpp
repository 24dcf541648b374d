// SPDX-License-Identifier: Apache-2.0
// Gathers everything that is wrong with a manifest.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tutti::catalogue {

/// "file:line: what; hint", at most kMaximumIssues of them: a broken generator should fill neither
/// a terminal nor the memory.
class Problems {
 public:
  explicit Problems(const std::filesystem::path& file);

  /// `line` 0: of the whole file. `hint` may be empty.
  void add(int line, std::string_view what, std::string_view hint = {});
  bool empty() const { return lines_.empty(); }
  /// Throws ManifestError when there is one.
  void throw_if_any();

 private:
  std::string file_;
  std::vector<std::string> lines_;
  std::size_t unlisted_ = 0;
};

}  // namespace tutti::catalogue
