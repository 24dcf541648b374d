// SPDX-License-Identifier: Apache-2.0
#include "host/report/issues_json.hpp"

#include "host/report/json_values.hpp"

namespace tutti {
namespace {

nlohmann::ordered_json position_json(int position) {
  if (position <= 0) return nullptr;
  return position;
}

}  // namespace

std::string issues_json(std::span<const Issue> issues) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Issue& issue : issues) {
    nlohmann::ordered_json out;
    out["severity"] = issue.severity == Severity::error ? "error" : "warning";
    out["file"] = json_text(issue.file);
    out["line"] = position_json(issue.span.line);
    out["column"] = position_json(issue.span.column);
    out["path"] = json_text(issue.path);
    out["message"] = json_text(issue.message);
    out["hint"] = json_text_or_null(issue.hint);
    list.push_back(out);
  }
  return json_document({{"issues", list}});
}

}  // namespace tutti
