// SPDX-License-Identifier: Apache-2.0
// YAML 1.2 text to a Document.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "host/session/document.hpp"

namespace tutti::yaml {

/// A problem of form, at bytes [begin, end) of the text.
struct YamlProblem {
  std::uint32_t begin = 0, end = 0;
  std::string message, hint;
};

// Limits for hostile text; sessions of thousands of stems stay far below them.
inline constexpr std::size_t kMaximumSourceBytes = std::size_t{64} << 20;
inline constexpr int kMaximumDepth = 64;
inline constexpr std::size_t kMaximumValues = 8'000'000;
/// Values that aliases may stand for, all together.
inline constexpr std::size_t kMaximumAliasedValues = 1'000'000;

/// Reads the text of the document into its tree: block and flow collections, plain, quoted and
/// block scalars, comments, anchors and aliases, one document; so JSON too. Refused, each with a
/// message of its own: tags, merge keys, keys that are not plain text, duplicate keys, tabs as
/// indentation, control characters, text that is not UTF-8. Work and memory are linear in the text.
/// Returns false when the text could not be read to its end: `problems` then ends with the reason.
bool read_yaml(Document& document, std::vector<YamlProblem>& problems);

}  // namespace tutti::yaml
