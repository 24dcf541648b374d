// SPDX-License-Identifier: Apache-2.0
// The lines of a manifest as keys and values, whatever the file's format.
#pragma once

#include <cstddef>
#include <functional>
#include <istream>
#include <string>
#include <variant>
#include <vector>

#include "host/catalogue/problems.hpp"

namespace tutti::catalogue {

/// The longest line (JSON) or cell (CSV): a file without line feeds is no manifest, and is not
/// read into memory to find out.
inline constexpr std::size_t kMaximumTextBytes = std::size_t{1} << 20;

struct ManifestCell {
  std::string key;
  std::variant<std::string, double> value;
};

/// One line that holds something. A cell that is empty (CSV) or null (JSON) is not there.
struct ManifestRow {
  int line = 0;
  bool numbers_are_text = false;  ///< CSV knows no types
  std::vector<ManifestCell> cells;
};

/// Tells of a key that no item has, with the one that may have been meant.
void add_unknown_key(Problems& problems, int line, const std::string& key);
bool is_known_key(const std::string& key);

/// Told of each row as it is read, so that a manifest of any length needs little memory.
using RowSink = std::function<void(ManifestRow&& row)>;

/// One JSON object a line: texts, numbers and null. Empty lines are passed over.
void read_json_lines(std::istream& in, const RowSink& sink, Problems& problems);

/// A head line with the keys, then one row a line (RFC 4180: quotes, doubled quotes, line feeds in
/// quotes). The separator is the first of comma, semicolon and tab that the head line holds.
/// Columns that have no known name are told at the head line, and their cells passed over.
void read_csv_rows(std::istream& in, const RowSink& sink, Problems& problems);

}  // namespace tutti::catalogue
