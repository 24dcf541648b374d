// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "host/catalogue/manifest_rows.hpp"
#include "host/report/terminal_text.hpp"
#include "host/session/text.hpp"

namespace tutti::catalogue {
namespace {

constexpr std::size_t kMaximumColumns = 1000;

/// Cells of a file, record by record [RFC 4180]. A line feed, with or without a carriage return in
/// front, ends a record unless it stands in quotes.
class CsvReader {
 public:
  explicit CsvReader(std::istream& in) : from_(*in.rdbuf()) {
    for (const int c : {0xEF, 0xBB, 0xBF}) {  // a byte order mark, which spreadsheets write
      if (from_.sgetc() != c) break;
      from_.sbumpc();
    }
  }

  /// False: the file has ended. `line` is where the record begins; `problem` is "" or a clause.
  bool next(std::vector<std::string>& cells, int& line, std::string& problem) {
    cells.assign(1, "");
    problem.clear();
    line = line_;
    if (from_.sgetc() == EOF) return false;
    while (read_cell(cells.back(), problem)) {
      if (cells.size() < kMaximumColumns)
        cells.emplace_back();
      else
        problem = fmt::format("has more than {} columns", kMaximumColumns);
    }
    return true;
  }

 private:
  /// True: another cell follows in this record.
  bool read_cell(std::string& cell, std::string& problem) {
    cell.clear();
    if (from_.sgetc() == '"' && !read_quoted(cell, problem)) return false;
    for (int c = from_.sbumpc(); c != EOF; c = from_.sbumpc()) {
      if (c == '\n') {
        ++line_;
        return false;
      }
      if (c == '\r' && from_.sgetc() == '\n') continue;
      if (is_separator(c)) return true;
      append(cell, c, problem);
    }
    return false;
  }

  /// False: the file has ended before the closing quote.
  bool read_quoted(std::string& cell, std::string& problem) {
    from_.sbumpc();
    for (int c = from_.sbumpc(); c != EOF; c = from_.sbumpc()) {
      if (c == '"') {
        if (from_.sgetc() != '"') return true;
        from_.sbumpc();
      }
      line_ += c == '\n';
      append(cell, c, problem);
    }
    problem = "has a quote that is never closed";
    return false;
  }

  // Which of the three it is, the head line decides: the first that stands there.
  bool is_separator(int c) {
    if (separator_ == 0 && (c == ',' || c == ';' || c == '\t')) separator_ = c;
    return c == separator_;
  }

  static void append(std::string& cell, int c, std::string& problem) {
    if (cell.size() < kMaximumTextBytes)
      cell += static_cast<char>(c);
    else
      problem = "has a cell of more than 1 MiB; is a quote missing?";
  }

  std::streambuf& from_;
  int line_ = 1;
  int separator_ = 0;
};

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Columns of no known name lose theirs. False: no row can be an item.
bool check_head(std::vector<std::string>& keys, Problems& problems) {
  for (std::string& key : keys) key = trimmed(key);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].empty())
      problems.add(1, fmt::format("column {} has no name", i + 1), "name it or remove it");
    else if (std::find(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(i), keys[i]) !=
             keys.begin() + static_cast<std::ptrdiff_t>(i))
      problems.add(1, fmt::format("{} stands there twice", text::quoted(keys[i])));
    else if (!is_known_key(keys[i]))
      add_unknown_key(problems, 1, keys[i]);
  }
  for (std::string& key : keys)
    if (!is_known_key(key)) key.clear();
  const bool has_input = std::find(keys.begin(), keys.end(), "input") != keys.end();
  if (!has_input) problems.add(1, "has no column `input`", "name the one with the audio files so");
  return has_input;
}

bool is_blank(const std::vector<std::string>& cells) {
  return std::all_of(cells.begin(), cells.end(),
                     [](const std::string& cell) { return cell.empty(); });
}

}  // namespace

void read_csv_rows(std::istream& in, const RowSink& sink, Problems& problems) {
  CsvReader reader(in);
  std::vector<std::string> keys, cells;
  std::string problem;
  int line = 0;
  if (!reader.next(keys, line, problem)) return;
  if (!problem.empty()) return problems.add(line, problem);
  if (!check_head(keys, problems)) return;
  while (reader.next(cells, line, problem)) {
    if (problem.empty() && is_blank(cells)) continue;
    if (problem.empty() && cells.size() > keys.size())
      problem = fmt::format("has {} cells, the head line {}", cells.size(), keys.size());
    ManifestRow row;
    row.line = line;
    row.numbers_are_text = true;
    for (std::size_t i = 0; problem.empty() && i < cells.size(); ++i) {
      if (!is_valid_utf8(cells[i])) problem = "is not UTF-8; save the table as UTF-8";
      if (!cells[i].empty() && !keys[i].empty())
        row.cells.push_back({keys[i], std::move(cells[i])});
    }
    if (problem.empty())
      sink(std::move(row));
    else
      problems.add(line, problem);
  }
}

}  // namespace tutti::catalogue
