// SPDX-License-Identifier: Apache-2.0
// YAML (and its subset JSON) text to a Session.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/session/issues.hpp"
#include "host/session/model.hpp"

namespace tutti {

struct ParseResult {
  Session session;
  std::vector<Issue> issues;  ///< syntax, unknown keys, types, ranges; all of them
  std::string source;         ///< the text, for format_issue
};

/// Reads and parses a session file. Throws IoError when the file can not be read or is larger than
/// 64 MiB; every other problem is an issue. Hostile input (deep nesting, alias bombs, NaN) is
/// refused by an issue.
ParseResult parse_session_file(const std::filesystem::path& path);

/// The same from text; `path` is used for messages and relative paths only.
ParseResult parse_session_text(const std::string& text, const std::filesystem::path& path);

/// Checks of meaning on a parsed session, without opening audio: names (duplicates, unknown buses,
/// sends, group members, sidechain sources, automation targets; "did you mean"), routing cycles
/// (the issue spells the loop), Spec `validate` of every insert at the session's rate, layout
/// support, outputs (unknown source or preset, same file twice, output equal to an input,
/// unsupported container/bit depth/rate), ranges and times.
std::vector<Issue> validate_session(const Session& session);

/// JSON Schema (draft 2020-12) of a session, from the same field tables.
std::string session_schema();

}  // namespace tutti
