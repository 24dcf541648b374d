// SPDX-License-Identifier: Apache-2.0
// What all pages share: head, style, cells. No script, nothing from elsewhere.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace tutti {

/// From the doctype into the body. `title` is escaped already; `style` adds to what all pages have.
std::string page_head(std::string_view title, std::string_view style);

/// The heads of a table: text columns, then numbers.
std::string head_row(std::initializer_list<const char*> texts,
                     std::initializer_list<const char*> numbers);
/// Cells; the text is escaped.
std::string text_cell(std::string_view text);
std::string number_cell(std::string_view number);

}  // namespace tutti
