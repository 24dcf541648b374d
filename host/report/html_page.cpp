// SPDX-License-Identifier: Apache-2.0
#include "host/report/html_page.hpp"

#include <fmt/format.h>

#include "host/report/terminal_text.hpp"

namespace tutti {
namespace {

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .7rem; border-bottom: 1px solid #8884; white-space: nowrap; }
td.n, th.n { text-align: right; }
.met { color: #17803d; } .missed { color: #c0261b; font-weight: 600; }
)";

}  // namespace

std::string page_head(std::string_view title, std::string_view style) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{}</title>\n<style>{}{}</style>\n</head>\n<body>\n",
      title, kStyle, style);
}

std::string head_row(std::initializer_list<const char*> texts,
                     std::initializer_list<const char*> numbers) {
  std::string out = "<tr>";
  for (const char* text : texts) out += fmt::format("<th>{}</th>", text);
  for (const char* number : numbers) out += fmt::format("<th class=\"n\">{}</th>", number);
  return out + "</tr>\n";
}

std::string text_cell(std::string_view text) {
  return fmt::format("<td>{}</td>", html_escaped(text));
}

std::string number_cell(std::string_view number) {
  return fmt::format("<td class=\"n\">{}</td>", number);
}

}  // namespace tutti
