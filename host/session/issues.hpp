// SPDX-License-Identifier: Apache-2.0
// Everything that is wrong with a session, gathered, placed and printed.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "host/session/model.hpp"

namespace tutti {

enum class Severity { error, warning };

/// One problem. `path` is the key path ("stems[3].file"); `message` names the offending value and
/// what is allowed; `hint` says what to write instead (may be empty).
struct Issue {
  Severity severity = Severity::error;
  std::string file;
  SourceSpan span;
  std::string path;
  std::string message;
  std::string hint;
};

/// "mix.yaml:41:16: error: …" with the source line, carets and the hint, each line ended. `source`
/// is the text of the session file (empty: no excerpt). Lines longer than about 120 columns are cut
/// around the carets; control characters are never printed raw.
std::string format_issue(const Issue& issue, const std::string& source);

/// A session that can not be rendered: all its issues at once.
class SessionError : public std::runtime_error {
 public:
  SessionError(std::vector<Issue> issues, std::string source);
  const std::vector<Issue>& issues() const { return issues_; }
  const std::string& source() const { return source_; }

 private:
  std::vector<Issue> issues_;
  std::string source_;
};

bool has_errors(const std::vector<Issue>& issues);

/// Span of the value at `path`, or of the nearest enclosing path that has one.
SourceSpan find_span(const SpanMap& spans, const std::string& path);

/// The text that the spans point into, for `format_issue`; "" when there is none.
std::string source_of(const SpanMap& spans);

/// The candidate closest to `word` by edit distance (at most about a third of its length), or "".
/// Letter case counts a tenth of a step.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates);

/// The most issues that a list has: a broken generator should not fill a terminal, or the memory.
inline constexpr std::size_t kMaximumIssues = 1000;

/// In the order of the file; what was found twice (through an alias) once; at most kMaximumIssues,
/// the last of which then counts the rest.
void tidy_issues(std::vector<Issue>& issues);

}  // namespace tutti
