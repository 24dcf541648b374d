// SPDX-License-Identifier: Apache-2.0
// Scalars of YAML: plain, quoted, block; and the cursor.
#include <algorithm>

#include "host/session/text.hpp"
#include "host/session/yaml_reader.hpp"

namespace tutti::yaml {

void fail(std::size_t begin, std::size_t end, std::string message, std::string hint) {
  throw SyntaxError{{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end),
                     std::move(message), std::move(hint)}};
}

bool Cursor::at_marker(std::string_view marker) const {
  return position == line_start && text.substr(position).starts_with(marker) && blank_at(3);
}

bool Cursor::blank_at(std::size_t ahead) const {
  const std::size_t at = position + ahead;
  return at >= text.size() || is_blank(text[at]) || is_break(text[at]);
}

bool Cursor::at_line_end() const {
  if (position >= text.size() || is_break(text[position])) return true;
  return text[position] == '#' && (position == line_start || is_blank(text[position - 1]));
}

void Cursor::skip_blanks() {
  while (position < text.size() && is_blank(text[position])) ++position;
}

void Cursor::next_line() {
  position = std::min(text.find('\n', position), text.size());
  if (position < text.size()) ++position;
  line_start = position;
}

void Cursor::skip_to_token() {
  skip_blanks();
  while (position < text.size() && at_line_end()) {
    next_line();
    if (at_end()) return;
    skip_blanks();
  }
}

int Cursor::block_column() const {
  const std::size_t tab = text.substr(0, position).find('\t', line_start);
  if (tab != std::string_view::npos) {
    fail(tab, tab + 1, "a tab stands where the indentation counts",
         "indent with spaces: YAML does not allow tabs there");
  }
  return column();
}

std::size_t plain_line_end(const Cursor& cursor, std::size_t from, bool flow) {
  const std::string_view text = cursor.text;
  std::size_t end = from;
  for (std::size_t i = from; i < text.size() && !is_break(text[i]); ++i) {
    const char c = text[i];
    if (flow && is_flow_indicator(c)) break;
    if (c == '#' && i > from && is_blank(text[i - 1])) break;
    if (c == ':') {
      const char next = i + 1 < text.size() ? text[i + 1] : '\n';
      if (is_blank(next) || is_break(next) || (flow && is_flow_indicator(next))) break;
    }
    if (!is_blank(c)) end = i + 1;
  }
  return end;
}

namespace {

/// Refuses characters with which plain text can not start.
void check_plain_start(const Cursor& cursor, bool flow) {
  const char c = cursor.peek();
  const char next = cursor.peek(1);
  const bool lone = cursor.blank_at(1) || (flow && is_flow_indicator(next));
  const bool refused = std::string_view("#&*!|>'\"%@`,[]{}").find(c) != std::string_view::npos ||
                       ((c == '-' || c == '?' || c == ':') && lone);
  if (!refused) return;
  const std::string shown = "`" + std::string(1, c) + "`";
  fail(cursor.position, cursor.position + 1, "a value can not start with " + shown,
       "put quotes around text that starts with " + shown);
}

/// Joins the next line of a plain or quoted scalar: one line break is a space, n are n − 1.
void fold(std::string& out, int breaks) {
  if (breaks == 1) {
    out += ' ';
  } else {
    out.append(static_cast<std::size_t>(breaks - 1), '\n');
  }
}

/// Over line ends and blanks inside a scalar; returns the number of line breaks.
int skip_breaks(Cursor& cursor) {
  int breaks = 0;
  cursor.skip_blanks();
  while (cursor.position < cursor.text.size() && is_break(cursor.peek())) {
    cursor.next_line();
    ++breaks;
    if (cursor.at_marker("---") || cursor.at_marker("...")) return breaks;
    cursor.skip_blanks();
  }
  return breaks;
}

/// Whether the line at the cursor goes on with the plain scalar before it.
bool continues_plain(const Cursor& cursor, int parent, bool flow) {
  if (cursor.at_end() || cursor.peek() == '#') return false;
  const char next = cursor.peek(1);
  if (flow) {
    if (is_flow_indicator(cursor.peek())) return false;
    return !(cursor.peek() == ':' && (cursor.blank_at(1) || is_flow_indicator(next)));
  }
  return cursor.column() > parent;
}

void check_plain_continuation(const Cursor& cursor, std::size_t end, bool flow,
                              std::string_view before) {
  const std::size_t rest = cursor.text.find_first_not_of(" \t", end);
  const bool colon = rest != std::string_view::npos && cursor.text[rest] == ':';
  if (flow || (!colon && !cursor.at_dash())) return;
  fail(cursor.position, end,
       "this line is indented deeper than the line above, so it reads as part of that line's text",
       before.find(':') != std::string_view::npos
           ? "if the line above is a key and its value, put a space after its colon"
           : "give it the indentation of the lines that it belongs to");
}

}  // namespace

ScalarText read_plain(Cursor& cursor, Document& document, int parent, bool flow) {
  check_plain_start(cursor, flow);
  const std::size_t begin = cursor.position;
  std::size_t end = plain_line_end(cursor, begin, flow);
  cursor.position = end;
  std::string folded;
  while (true) {
    const Cursor before = cursor;
    const int breaks = skip_breaks(cursor);
    if (breaks == 0 || !continues_plain(cursor, parent, flow)) {
      cursor = before;
      break;
    }
    const std::size_t line_end = plain_line_end(cursor, cursor.position, flow);
    check_plain_continuation(cursor, line_end, flow, cursor.text.substr(begin, end - begin));
    if (folded.empty()) folded = cursor.text.substr(begin, end - begin);
    fold(folded, breaks);
    folded += cursor.text.substr(cursor.position, line_end - cursor.position);
    cursor.position = end = line_end;
  }
  if (folded.empty()) return {cursor.text.substr(begin, end - begin), end};
  return {document.keep(std::move(folded)), end};
}

// ---- quoted ---------------------------------------------------------------------------------

namespace {

/// Reads what stands between quotes: `step` consumes one piece that is not a line break and appends
/// it, or returns false at the closing quote.
template <typename Step>
ScalarText read_quoted(Cursor& cursor, Document& document, Step step) {
  const std::size_t begin = cursor.position++;
  std::string out;
  std::size_t solid = 0;  // characters of `out` that folding may not trim
  while (true) {
    if (cursor.position >= cursor.text.size()) {
      fail(begin, begin + 1, "this quote is never closed", "add the closing quote");
    }
    if (is_break(cursor.peek())) {
      while (out.size() > solid && is_blank(out.back())) out.pop_back();
      const int breaks = skip_breaks(cursor);
      if (cursor.at_end() && cursor.position < cursor.text.size()) {
        fail(begin, begin + 1, "this quote is not closed before the end of the document",
             "add the closing quote");
      }
      fold(out, breaks);
      solid = out.size();
    } else if (!step(out, solid)) {
      break;
    }
  }
  const std::size_t end = ++cursor.position;
  const std::string_view verbatim = cursor.text.substr(begin + 1, end - begin - 2);
  if (verbatim == out) return {verbatim, end};
  return {document.keep(std::move(out)), end};
}

char32_t read_hex(const Cursor& cursor, std::size_t from, int digits) {
  char32_t value = 0;
  for (int i = 0; i < digits; ++i) {
    const char c = from + i < cursor.text.size() ? cursor.text[from + i] : '\0';
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) {
      fail(cursor.position, std::min(from + i + 1, cursor.text.size()),
           "this escape needs " + std::to_string(digits) + " hexadecimal digits");
    }
    value = value * 16 + static_cast<char32_t>(digit);
  }
  return value;
}

/// \xXX, \uXXXX (two of them for a surrogate pair, as JSON writes), \UXXXXXXXX.
void read_code_escape(Cursor& cursor, std::string& out, int digits) {
  char32_t value = read_hex(cursor, cursor.position + 2, digits);
  std::size_t length = 2 + static_cast<std::size_t>(digits);
  const bool high = digits == 4 && value >= 0xD800 && value < 0xDC00;
  if (high && cursor.text.substr(cursor.position + length).starts_with("\\u")) {
    const char32_t low = read_hex(cursor, cursor.position + length + 2, 4);
    if (low >= 0xDC00 && low < 0xE000) {
      value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
      length += 6;
    }
  }
  if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
    fail(cursor.position, cursor.position + length, "this escape is no Unicode character");
  }
  text::append_utf8(out, value);
  cursor.position += length;
}

struct Escape {
  char letter;
  std::string_view text;
};
constexpr Escape kEscapes[] = {
    {'0', {"\0", 1}},  {'a', "\a"},           {'b', "\b"},          {'t', "\t"},  {'\t', "\t"},
    {'n', "\n"},       {'v', "\v"},           {'f', "\f"},          {'r', "\r"},  {'e', "\x1B"},
    {' ', " "},        {'"', "\""},           {'/', "/"},           {'\\', "\\"}, {'N', "\xC2\x85"},
    {'_', "\xC2\xA0"}, {'L', "\xE2\x80\xA8"}, {'P', "\xE2\x80\xA9"}};

void read_escape(Cursor& cursor, std::string& out) {
  const char letter = cursor.peek(1);
  if (letter == 'x') return read_code_escape(cursor, out, 2);
  if (letter == 'u') return read_code_escape(cursor, out, 4);
  if (letter == 'U') return read_code_escape(cursor, out, 8);
  const auto found = std::find_if(std::begin(kEscapes), std::end(kEscapes),
                                  [&](const Escape& escape) { return escape.letter == letter; });
  if (found == std::end(kEscapes) || cursor.position + 1 >= cursor.text.size()) {
    fail(cursor.position, cursor.position + 2, "an unknown escape in a quoted text",
         "write a backslash as `\\\\`, or use single quotes");
  }
  out += found->text;
  cursor.position += 2;
}

}  // namespace

ScalarText read_single_quoted(Cursor& cursor, Document& document) {
  return read_quoted(cursor, document, [&](std::string& out, std::size_t&) {
    if (cursor.peek() == '\'') {
      if (cursor.peek(1) != '\'') return false;
      ++cursor.position;
    }
    out += cursor.text[cursor.position++];
    return true;
  });
}

ScalarText read_double_quoted(Cursor& cursor, Document& document) {
  return read_quoted(cursor, document, [&](std::string& out, std::size_t& solid) {
    const char c = cursor.peek();
    if (c == '"') return false;
    if (c != '\\') {
      out += cursor.text[cursor.position++];
      return true;
    }
    if (is_break(cursor.peek(1))) {  // an escaped line break joins without a space
      ++cursor.position;
      const int breaks = skip_breaks(cursor);
      out.append(static_cast<std::size_t>(breaks - 1), '\n');
    } else {
      read_escape(cursor, out);
    }
    solid = out.size();
    return true;
  });
}

// ---- block scalars --------------------------------------------------------------------------

namespace {

struct BlockHeader {
  bool folded = false;
  char chomp = ' ';  ///< '-' strips the last line break, '+' keeps all
  int indent = 0;    ///< 0: that of the first line
};

BlockHeader read_block_header(Cursor& cursor) {
  BlockHeader header;
  header.folded = cursor.peek() == '>';
  ++cursor.position;
  for (char c = cursor.peek(); c == '+' || c == '-' || (c >= '1' && c <= '9'); c = cursor.peek()) {
    if (c == '+' || c == '-') {
      header.chomp = c;
    } else {
      header.indent = c - '0';
    }
    ++cursor.position;
  }
  cursor.skip_blanks();
  if (!cursor.at_line_end()) {
    fail(cursor.position, cursor.position + 1, "the text of a block starts on the next line");
  }
  cursor.next_line();
  return header;
}

/// One line of a block scalar at the cursor, which moves to the next line.
struct BlockLine {
  std::string_view text;
  int indent = 0;
  bool empty = true;
};

BlockLine look_at_line(const Cursor& cursor) {
  BlockLine line;
  const std::size_t end = std::min(cursor.text.find('\n', cursor.position), cursor.text.size());
  line.text = cursor.text.substr(cursor.position, end - cursor.position);
  if (line.text.ends_with('\r')) line.text.remove_suffix(1);
  const std::size_t first = line.text.find_first_not_of(' ');
  line.empty = first == std::string_view::npos;
  line.indent = static_cast<int>(line.empty ? line.text.size() : first);
  return line;
}

/// Puts the line breaks before a line: kept in literal text and around indented lines; else folded.
void join_block_line(std::string& out, int breaks, bool folded) {
  if (out.empty() && breaks == 0) return;
  if (!folded) {
    out.append(static_cast<std::size_t>(breaks), '\n');
  } else if (breaks == 1) {
    out += ' ';
  } else {
    out.append(static_cast<std::size_t>(breaks - 1), '\n');
  }
}

}  // namespace

ScalarText read_block_scalar(Cursor& cursor, Document& document, int parent) {
  const BlockHeader header = read_block_header(cursor);
  int indent = header.indent > 0 ? std::max(parent, 0) + header.indent : -1;  // -1: not known yet
  std::string out;
  int breaks = 0;  // line breaks since the last text
  bool started = false;
  bool spaced_before = false;  // the last line with text was indented further
  std::size_t end = cursor.position;
  while (cursor.position < cursor.text.size() && !cursor.at_end()) {
    const BlockLine line = look_at_line(cursor);
    if (!line.empty && indent < 0) indent = std::max(line.indent, parent + 1);
    const bool blank = line.empty && (indent < 0 || line.indent <= indent);
    if (!blank && line.indent < indent) break;
    if (!blank) {
      const std::string_view text = line.text.substr(indent);
      const bool spaced = is_blank(text.front());
      const bool fold_here = header.folded && started && !spaced && !spaced_before;
      join_block_line(out, breaks, fold_here);
      out += text;
      breaks = 0;
      started = true;
      spaced_before = spaced;
      end = cursor.position + line.text.size();
    }
    const bool last = cursor.text.find('\n', cursor.position) == std::string_view::npos;
    cursor.next_line();
    if (!last) ++breaks;
  }
  if (header.chomp == '+') {
    out.append(static_cast<std::size_t>(breaks), '\n');
  } else if (header.chomp == ' ' && started && breaks > 0) {
    out += '\n';
  }
  return {document.keep(std::move(out)), end};
}

}  // namespace tutti::yaml
