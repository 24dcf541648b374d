// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "host/catalogue/catalogue_report.hpp"
#include "host/catalogue/distribution.hpp"
#include "host/report/terminal_text.hpp"
#include "host/report/text_table.hpp"

namespace tutti {

std::string catalogue_report_text(const CatalogueReport& report) {
  std::string out = fmt::format("{} outputs, {} failed, {} missing\n", report.items.size(),
                                report.failures.size(), report.missing.size());
  if (const auto stale = stale_count(report); stale > 0)
    out += fmt::format("{} of them made to other settings than are asked for, or as another album\n", stale);
  if (!report.not_asked.empty())
    out += fmt::format("{} more that nobody asks for any more\n", report.not_asked.size());
  out += "\n";
  TextTable table;
  table.add_column("level");
  table.add_column("");
  for (const char* head : {"files", "least", "median", "greatest"})
    table.add_column(head, TextTable::Align::right);
  for (const catalogue::Distribution& d : catalogue::distributions_of(report))
    for (const auto& [when, list] : {std::pair("before", &d.before), std::pair("after", &d.after)})
      table.add_row({fmt::format("{} {}", d.name, d.unit), when, std::to_string(list->size()),
                     format_value(catalogue::quantile(*list, 0)),
                     format_value(catalogue::quantile(*list, 0.5)),
                     format_value(catalogue::quantile(*list, 1))});
  out += table.text();
  for (const ItemResult& failure : report.failures)
    out += fmt::format("failed: {}: {}: {}\n", printable(failure.id), printable(failure.kind),
                       printable(failure.message));
  return out;
}

}  // namespace tutti
