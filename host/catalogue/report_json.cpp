// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/catalogue_report.hpp"
#include "host/catalogue/distribution.hpp"
#include "host/catalogue/report_goals.hpp"
#include "host/catalogue/sidecar_json.hpp"
#include "host/report/json_values.hpp"

namespace tutti {
namespace {

using Json = nlohmann::ordered_json;
using catalogue::Distribution;
using catalogue::quantile;

Json spread_json(const std::vector<double>& ascending) {
  return {{"count", ascending.size()},
          {"least", json_number(quantile(ascending, 0))},
          {"median", json_number(quantile(ascending, 0.5))},
          {"greatest", json_number(quantile(ascending, 1))}};
}

Json summary_json(const CatalogueReport& report) {
  Json summary;
  summary["outputs"] = report.items.size();
  summary["failed"] = report.failures.size();
  summary["missing"] = report.missing.size();
  summary["stale"] = stale_count(report);
  summary["not_asked"] = report.not_asked.size();
  const char* const keys[] = {"integrated_lufs", "true_peak_dbtp", "loudness_range_lu"};
  std::size_t i = 0;
  for (const Distribution& d : catalogue::distributions_of(report))
    summary[keys[i++]] = {{"before", spread_json(d.before)}, {"after", spread_json(d.after)}};
  return summary;
}

Json item_json(const ReportedItem& item) {
  Json out = catalogue::sidecar_json(item.sidecar);
  out.erase("tutti_sidecar");
  out.erase("settings");
  out["output"]["file"] = json_text(item.output);
  if (item.stale) out["stale"] = name_of(*item.stale);
  out["missed"] = Json::array();
  for (const std::string& clause : catalogue::missed_goals_of(item.sidecar))
    out["missed"].push_back(json_text(clause));
  return out;
}

void append(std::string& out, bool& first, const Json& entry) {
  out += (first ? "\n    " : ",\n    ") + entry.dump();
  first = false;
}

std::string closed(const std::string& list, bool empty) { return list + (empty ? "]" : "\n  ]"); }

}  // namespace

// One entry a line, written as it is made: a document of 100,000 entries in memory would take
// gigabytes, and lines can be compared.
std::string catalogue_report_json(const CatalogueReport& report) {
  std::string out = "{\n  \"summary\": " + summary_json(report).dump() + ",\n  \"items\": [";
  bool first = true;
  for (const ReportedItem& item : report.items) append(out, first, item_json(item));
  out = closed(out, first) + ",\n  \"failures\": [";
  first = true;
  for (const ItemResult& failure : report.failures)
    append(out, first,
           {{"id", json_text(failure.id)},
            {"kind", json_text(failure.kind)},
            {"message", json_text(failure.message)},
            {"retriable", failure.retriable}});
  out = closed(out, first) + ",\n  \"missing\": [";
  first = true;
  for (const std::string& id : report.missing) append(out, first, json_text(id));
  out = closed(out, first) + ",\n  \"not_asked\": [";
  first = true;
  for (const ReportedItem& item : report.not_asked)
    append(out, first, {{"id", json_text(item.sidecar.id)}, {"file", json_text(item.output)}});
  return closed(out, first) + "\n}\n";
}

}  // namespace tutti
