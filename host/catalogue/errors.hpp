// SPDX-License-Identifier: Apache-2.0
// What is wrong with a bulk job before anything of it runs.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace tutti {

/// The job can not start as it was asked: exit 2. `what()` says what to do.
class CatalogueError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A manifest that can not be used. Each problem is one line: "file:line: what; hint". `what()` is
/// all of them, line by line, at most kMaximumIssues, the last of which then counts the rest.
class ManifestError : public CatalogueError {
 public:
  explicit ManifestError(std::vector<std::string> problems);
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  std::vector<std::string> problems_;
};

}  // namespace tutti
