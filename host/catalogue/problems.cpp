// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/problems.hpp"

#include <fmt/format.h>

#include "host/catalogue/errors.hpp"
#include "host/session/issues.hpp"
#include "host/session/text.hpp"

namespace tutti {
namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += (out.empty() ? "" : "\n") + line;
  return out;
}

}  // namespace

ManifestError::ManifestError(std::vector<std::string> problems)
    : CatalogueError(joined(problems)), problems_(std::move(problems)) {}

namespace catalogue {

Problems::Problems(const std::filesystem::path& file) : file_(text::printable(file.string())) {}

void Problems::add(int line, std::string_view what, std::string_view hint) {
  if (lines_.size() + 1 >= kMaximumIssues) {
    ++unlisted_;
    return;
  }
  std::string out = file_;
  if (line > 0) out += fmt::format(":{}", line);
  if (!out.empty()) out += ": ";
  out += what;
  if (!hint.empty()) out += fmt::format("; {}", hint);
  lines_.push_back(std::move(out));
}

void Problems::throw_if_any() {
  if (lines_.empty()) return;
  if (unlisted_ > 0)
    lines_.push_back(fmt::format("{}: {} more problems are not listed", file_, unlisted_));
  throw ManifestError(std::move(lines_));
}

}  // namespace catalogue
}  // namespace tutti
