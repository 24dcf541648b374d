// SPDX-License-Identifier: Apache-2.0
// Text that comes from file names and sessions, made safe for a terminal, a JSON document or a
// page.
#pragma once

#include <string>
#include <string_view>

namespace tutti {

bool is_valid_utf8(std::string_view text);

/// `text` on one line without any character that could steer a terminal: C0, DEL, C1, the
/// bidirectional overrides and bytes that are not UTF-8 become \n, \t, \xNN or \u{NNNN}.
std::string printable(std::string_view text);

/// The same, but line feeds stay: for messages of several lines.
std::string printable_lines(std::string_view text);

/// `text` itself when it is UTF-8; otherwise each byte that is not becomes the four characters
/// \xNN.
std::string utf8_or_escaped(std::string_view text);

/// Columns that `text` takes on a terminal.
int display_width(std::string_view text);

/// `text` for the inside of an HTML element or a quoted attribute.
std::string html_escaped(std::string_view text);

}  // namespace tutti
