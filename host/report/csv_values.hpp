// SPDX-License-Identifier: Apache-2.0
// Cells and lines of comma-separated values.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace tutti {

/// A value as a cell, quoted as RFC 4180 says; null is empty.
inline std::string csv_cell(const nlohmann::ordered_json& value) {
  if (value.is_null()) return "";
  if (!value.is_string()) return value.dump();
  const std::string text = value.get<std::string>();
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

/// Cells with commas between them and a line feed at the end.
inline std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : ",") + cells[i];
  return line + "\n";
}

}  // namespace tutti
