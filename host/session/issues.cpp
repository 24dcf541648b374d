// SPDX-License-Identifier: Apache-2.0
#include "host/session/issues.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <tuple>
#include <utility>

#include "host/session/document.hpp"
#include "host/session/text.hpp"

namespace tutti {
namespace {

// An excerpt is cut to this many columns: it fits beside the gutter in a terminal of 128.
constexpr int kExcerptColumns = 120;

std::string_view source_line(std::string_view source, int line) {
  std::size_t begin = 0;
  if (source.starts_with("\xEF\xBB\xBF")) begin = 3;
  for (int i = 1; i < line; ++i) {
    const std::size_t end = source.find('\n', begin);
    if (end == std::string_view::npos) return {};
    begin = end + 1;
  }
  std::string_view rest = source.substr(begin);
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

/// One character of the excerpt: what is printed for it and how wide that is.
struct Cell {
  std::string printed;
  int columns;
};

std::vector<Cell> cells_of(std::string_view line) {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < line.size();) {
    const text::CodePoint point = text::decode_utf8(line, i);
    i += point.bytes;
    Cell cell;
    const bool shown = point.valid && (text::is_printable(point.value) || point.value == '\t');
    const char32_t value = !shown ? U'\uFFFD' : point.value == '\t' ? U' ' : point.value;
    text::append_utf8(cell.printed, value);
    cell.columns = text::display_columns(value);
    cells.push_back(std::move(cell));
  }
  return cells;
}

/// The excerpt and its caret line.
struct Excerpt {
  std::string line, carets;
};

int columns_of(const std::vector<Cell>& cells, std::size_t first, std::size_t last) {
  int columns = 0;
  for (std::size_t i = first; i < last; ++i) columns += cells[i].columns;
  return columns;
}

constexpr std::size_t kWindowBytes = 4 * (kExcerptColumns + 8);  // no character has more than four

/// Byte offset of character `index` of the line, or its size.
std::size_t byte_of_character(std::string_view line, std::size_t index) {
  std::size_t offset = 0;
  for (; index > 0 && offset < line.size(); --index)
    offset += text::decode_utf8(line, offset).bytes;
  return offset;
}

/// The part of the line that can matter for an excerpt around byte `caret`: lines may be very long.
std::string_view window_of(std::string_view line, std::size_t caret) {
  std::size_t first = caret > kWindowBytes ? caret - kWindowBytes : 0;
  while (first < caret && (static_cast<unsigned char>(line[first]) & 0xC0) == 0x80) ++first;
  return line.substr(first, caret - first + kWindowBytes);
}

/// Cells [first, last) of a line around its caret, at most kExcerptColumns wide.
std::pair<std::size_t, std::size_t> visible_cells(const std::vector<Cell>& cells,
                                                  std::size_t caret) {
  if (columns_of(cells, 0, cells.size()) <= kExcerptColumns) return {0, cells.size()};
  // Two thirds of the room go to what stands under and after the caret.
  std::size_t first = caret;
  while (first > 0 && columns_of(cells, first - 1, caret) <= kExcerptColumns / 3) --first;
  std::size_t last = first;
  int columns = 0;
  while (last < cells.size() && columns + cells[last].columns <= kExcerptColumns) {
    columns += cells[last++].columns;
  }
  return {first, last};
}

Excerpt excerpt_of(std::string_view line, const SourceSpan& span) {
  const std::size_t caret_byte = byte_of_character(line, std::max(span.column, 1) - 1);
  const std::string_view window = window_of(line, caret_byte);
  const auto window_begin = static_cast<std::size_t>(window.data() - line.data());
  const std::vector<Cell> cells = cells_of(window);
  const std::size_t caret =
      text::count_characters(line.substr(window_begin, caret_byte - window_begin));
  const auto [first, last] = visible_cells(cells, caret);
  const std::size_t caret_end = std::min<std::size_t>(caret + std::max(span.length, 1), last);
  Excerpt out;
  int indent = columns_of(cells, first, std::min(caret, cells.size()));
  if (first > 0 || window_begin > 0) {
    out.line = "…";
    ++indent;
  }
  for (std::size_t i = first; i < last; ++i) out.line += cells[i].printed;
  if (last < cells.size() || window_begin + window.size() < line.size()) out.line += "…";
  out.carets.assign(indent, ' ');
  const int width = caret < caret_end ? columns_of(cells, caret, caret_end) : 1;
  out.carets.append(std::max(width, 1), '^');
  return out;
}

// ---- edit distance --------------------------------------------------------------------------

constexpr std::size_t kLongestWord = 64;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Steps of the edit distance: a change of letter case is nearly nothing.
constexpr int kEdit = 10;
constexpr int kCaseChange = 1;

/// Inserted, deleted, replaced or swapped characters (optimal string alignment), kEdit each.
/// Both words have at most kLongestWord bytes.
int edit_distance(const std::string& a, const std::string& b) {
  std::array<int, kLongestWord + 1> rows[3];
  int* before = rows[0].data();
  int* above = rows[1].data();
  int* row = rows[2].data();
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = kEdit * static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = kEdit * static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same_letter = lower(a[i - 1]) == lower(b[j - 1]);
      const int change = a[i - 1] == b[j - 1] ? 0 : same_letter ? kCaseChange : kEdit;
      row[j] = std::min({above[j] + kEdit, row[j - 1] + kEdit, above[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + kEdit);
      }
    }
    int* const free = before;
    before = above;
    above = row;
    row = free;
  }
  return above[b.size()];
}

}  // namespace

std::string format_issue(const Issue& issue, const std::string& source) {
  std::string out = text::printable(issue.file);
  const bool placed = issue.span.line > 0;
  if (placed) {
    out += ":" + std::to_string(issue.span.line) + ":" + std::to_string(issue.span.column);
  }
  out += issue.severity == Severity::error ? ": error: " : ": warning: ";
  out += text::printable(issue.message) + "\n";
  if (placed && !source.empty()) {
    const std::string number = std::to_string(issue.span.line);
    const std::string gutter(number.size() + 1, ' ');
    const Excerpt excerpt = excerpt_of(source_line(source, issue.span.line), issue.span);
    out += gutter + "|\n" + number + " | " + excerpt.line + "\n";
    out += gutter + "| " + excerpt.carets + "\n";
  }
  if (!issue.hint.empty()) out += "hint: " + text::printable(issue.hint) + "\n";
  return out;
}

SessionError::SessionError(std::vector<Issue> issues, std::string source)
    : std::runtime_error(issues.empty() ? std::string("the session has errors")
                                        : issues.front().message),
      issues_(std::move(issues)),
      source_(std::move(source)) {}

bool has_errors(const std::vector<Issue>& issues) {
  return std::any_of(issues.begin(), issues.end(),
                     [](const Issue& issue) { return issue.severity == Severity::error; });
}

SourceSpan find_span(const SpanMap& spans, const std::string& path) {
  return spans ? spans->find(path) : SourceSpan{};
}

std::string source_of(const SpanMap& spans) { return spans ? spans->source() : std::string(); }

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > kLongestWord) return {};
  // A third of the length; of a shorter word, its letter case.
  int best = std::max(kEdit * static_cast<int>(word.size() / 3), kEdit - 1);
  const std::string* found = nullptr;
  for (const std::string& candidate : candidates) {
    if (candidate.empty() || candidate.size() > kLongestWord) continue;
    const int longer_by = static_cast<int>(candidate.size()) - static_cast<int>(word.size());
    if (kEdit * std::abs(longer_by) > best) continue;
    const int distance = edit_distance(word, candidate);
    if (distance < best || (distance == best && found == nullptr)) {
      best = distance;
      found = &candidate;
    }
  }
  return found != nullptr ? *found : std::string();
}

void tidy_issues(std::vector<Issue>& issues) {
  const auto place = [](const Issue& issue) {
    return std::tie(issue.file, issue.span.line, issue.span.column);
  };
  std::stable_sort(issues.begin(), issues.end(),
                   [&](const Issue& a, const Issue& b) { return place(a) < place(b); });
  const auto same = [&](const Issue& a, const Issue& b) {
    return place(a) == place(b) && a.message == b.message && a.span.line > 0;
  };
  issues.erase(std::unique(issues.begin(), issues.end(), same), issues.end());
  if (issues.size() <= kMaximumIssues) return;
  const std::size_t more = issues.size() - (kMaximumIssues - 1);
  const bool error = std::any_of(issues.begin() + (kMaximumIssues - 1), issues.end(),
                                 [](const Issue& i) { return i.severity == Severity::error; });
  issues.resize(kMaximumIssues - 1);
  Issue rest;
  rest.severity = error ? Severity::error : Severity::warning;
  rest.file = issues.front().file;
  rest.message = std::to_string(more) + " more problems are not listed";
  issues.push_back(std::move(rest));
}

}  // namespace tutti
