// SPDX-License-Identifier: Apache-2.0
// The document of `tutti check --json`.
#pragma once

#include <span>
#include <string>

#include "host/session/issues.hpp"

namespace tutti {

/// {"issues": [{"severity", "file", "line", "column", "path", "message", "hint"}]}; an unknown
/// position and an empty hint are null.
std::string issues_json(std::span<const Issue> issues);

}  // namespace tutti
