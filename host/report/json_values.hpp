// SPDX-License-Identifier: Apache-2.0
// Small conversions that every JSON document of ours shares.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "host/report/terminal_text.hpp"

namespace tutti {

/// A number, or null when there is none or it is not finite.
inline nlohmann::ordered_json json_number(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return *value;
}

/// A string that is UTF-8 whatever the file system held.
inline nlohmann::ordered_json json_text(std::string_view text) { return utf8_or_escaped(text); }

/// The same, null for an empty text.
inline nlohmann::ordered_json json_text_or_null(std::string_view text) {
  if (text.empty()) return nullptr;
  return json_text(text);
}

/// The document as it is written: two spaces a level, one line feed at the end.
inline std::string json_document(const nlohmann::ordered_json& document) {
  return document.dump(2) + "\n";
}

}  // namespace tutti
