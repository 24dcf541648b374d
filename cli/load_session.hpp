// SPDX-License-Identifier: Apache-2.0
// A session file read and judged, as every command that takes one needs it.
#pragma once

#include <string>
#include <vector>

#include "host/session/issues.hpp"
#include "host/session/model.hpp"
#include "host/session/parser.hpp"

namespace tutti::cli {

/// Reads, parses and validates. `issues` holds everything found without opening audio, in the order
/// of the lines. Throws IoError when the file can not be read.
ParseResult read_session(const std::string& path);

/// The same for commands that go on only with a good session: prints warnings to standard error
/// (unless `quiet`) and throws SessionError when there are errors.
ParseResult require_session(const std::string& path, bool quiet);

/// Adds issues and puts all in the order of the file, each once.
void merge_issues(std::vector<Issue>& issues, std::vector<Issue> more);

/// The issue as standard error shows it, nothing in it steering the terminal.
std::string issue_text(const Issue& issue, const std::string& source);

}  // namespace tutti::cli
