// SPDX-License-Identifier: Apache-2.0
#include "host/report/terminal_text.hpp"

#include <fmt/format.h>

#include "host/session/text.hpp"

namespace tutti {
namespace {

void append_escaped(std::string& out, char32_t c) {
  if (c == '\n') {
    out += "\\n";
  } else if (c == '\t') {
    out += "\\t";
  } else if (c < 0x80) {
    out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
  } else {
    out += fmt::format("\\u{{{:04x}}}", static_cast<unsigned>(c));
  }
}

std::string escape(std::string_view text, bool controls, bool keep_line_feeds) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const text::CodePoint point = text::decode_utf8(text, i);
    const bool kept = keep_line_feeds && point.value == '\n';
    if (!point.valid)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
    else if (controls && !kept && !text::is_printable(point.value))
      append_escaped(out, point.value);
    else
      out += text.substr(i, point.bytes);
    i += point.bytes;
  }
  return out;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const text::CodePoint point = text::decode_utf8(text, i);
    if (!point.valid) return false;
    i += point.bytes;
  }
  return true;
}

std::string printable(std::string_view text) { return escape(text, true, false); }

std::string printable_lines(std::string_view text) { return escape(text, true, true); }

std::string utf8_or_escaped(std::string_view text) { return escape(text, false, false); }

int display_width(std::string_view text) {
  int columns = 0;
  for (std::size_t i = 0; i < text.size();) {
    const text::CodePoint point = text::decode_utf8(text, i);
    columns += point.valid ? text::display_columns(point.value) : 1;
    i += point.bytes;
  }
  return columns;
}

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace tutti
