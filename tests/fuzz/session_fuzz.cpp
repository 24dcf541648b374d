// SPDX-License-Identifier: Apache-2.0
// Any text as a session: read, judged, every issue printed. Nothing may crash, leak, hang or print a
// raw control character; an issue stands inside the text.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "host/session/parser.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check_printed(const std::string& printed) {
  for (const char c : printed) require(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  tutti::ParseResult parsed = tutti::parse_session_text(text, "fuzz.yaml");
  const bool good = !tutti::has_errors(parsed.issues);
  for (tutti::Issue& issue : tutti::validate_session(parsed.session)) {
    parsed.issues.push_back(std::move(issue));
  }
  tutti::tidy_issues(parsed.issues);
  require(parsed.issues.size() <= tutti::kMaximumIssues);
  const auto lines = 1 + std::count(parsed.source.begin(), parsed.source.end(), '\n');
  for (const tutti::Issue& issue : parsed.issues) {
    require(issue.span.line <= lines);
    check_printed(tutti::format_issue(issue, parsed.source));
  }
  // What was read without an error has its values where the tables allow them.
  for (const tutti::StemSpec& stem : parsed.session.stems) {
    if (good) require(!stem.name.empty() && !stem.clips.empty());
    require(stem.gain_db <= 60 && stem.pan.position >= -1 && stem.pan.position <= 1);
  }
  return 0;
}
