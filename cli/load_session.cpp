// SPDX-License-Identifier: Apache-2.0
#include "cli/load_session.hpp"

#include <iterator>

#include "cli/output.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti::cli {

ParseResult read_session(const std::string& path) {
  ParseResult result = parse_session_file(path);
  merge_issues(result.issues, validate_session(result.session));
  return result;
}

ParseResult require_session(const std::string& path, bool quiet) {
  ParseResult result = read_session(path);
  if (has_errors(result.issues)) throw SessionError(result.issues, result.source);
  if (!quiet)
    for (const Issue& issue : result.issues) print_error(issue_text(issue, result.source));
  return result;
}

void merge_issues(std::vector<Issue>& issues, std::vector<Issue> more) {
  issues.insert(issues.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
  tidy_issues(issues);
}

std::string issue_text(const Issue& issue, const std::string& source) {
  std::string text = printable_lines(format_issue(issue, source));
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

}  // namespace tutti::cli
