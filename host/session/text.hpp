// SPDX-License-Identifier: Apache-2.0
// Text of a user's file made safe to print and to count: UTF-8, control characters, widths.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tutti::text {

/// One character of UTF-8 text. An invalid byte is one replacement character of one byte.
struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 1;
  bool valid = true;
};

/// The character at `offset` < text.size(). Overlong forms, surrogates and truncated sequences are
/// invalid.
CodePoint decode_utf8(std::string_view text, std::size_t offset);

/// Appends a character in UTF-8; what is not a Unicode scalar value becomes U+FFFD.
void append_utf8(std::string& out, char32_t value);

/// Whether a terminal shows the character as itself: no control characters (C0, DEL, C1) and none
/// that reorder the text around them.
bool is_printable(char32_t value);

/// Columns of a terminal that the character takes: 0 (combining), 1 or 2 (East Asian wide).
int display_columns(char32_t value);

/// Number of characters.
std::size_t count_characters(std::string_view text);

/// The text with every character that is not printable replaced by U+FFFD and tabs by a space; cut
/// to `maximum_characters`, the last of which is then "…".
std::string printable(std::string_view text, std::size_t maximum_characters = 10000);

/// A piece of the user's text as messages quote it: printable, at most 40 characters, in
/// backquotes.
std::string quoted(std::string_view text);

/// The shortest decimal text that reads back as the same number ("0.5", "-inf").
std::string number(double value);

/// "a, b and c".
std::string enumerate(const std::string* first, std::size_t count, std::string_view last_joint);

}  // namespace tutti::text
