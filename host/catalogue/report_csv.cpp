// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/catalogue_report.hpp"
#include "host/report/csv_values.hpp"
#include "host/report/json_values.hpp"

namespace tutti {
namespace {

using Json = nlohmann::ordered_json;

void add_levels(Json& row, const std::string& when, const Measurement& m) {
  row[when + "_integrated_lufs"] = json_number(m.integrated_lufs);
  row[when + "_loudness_range_lu"] = json_number(m.loudness_range_lu);
  row[when + "_true_peak_dbtp"] = json_number(m.true_peak_dbtp);
  row[when + "_sample_peak_dbfs"] = json_number(m.sample_peak_dbfs);
  row[when + "_rms_dbfs"] = json_number(m.rms_dbfs);
}

/// Every column, in order; `item` and `failure` may be none.
Json row_of(const std::string& id, const char* status, const ReportedItem* item,
            const ItemResult* failure) {
  const ReportedItem none;
  const bool has = item != nullptr;
  const Sidecar& s = has ? item->sidecar : none.sidecar;
  Json row;
  row["id"] = json_text(id);
  row["status"] = status;
  row["album"] = json_text_or_null(s.album);
  row["input"] = json_text_or_null(s.input.file);
  row["output"] = has ? json_text(item->output) : Json(nullptr);
  row["format"] = json_text_or_null(s.output.format);
  row["bytes"] = has ? Json(s.output.bytes) : Json(nullptr);
  row["sha256"] = json_text_or_null(s.output.sha256);
  row["audio_md5"] = json_text_or_null(s.output.audio_md5);
  row["sample_rate_hz"] = has ? json_number(s.output.sample_rate_hz) : Json(nullptr);
  row["channels"] = has ? Json(s.output.channels) : Json(nullptr);
  row["frames"] = has ? Json(s.output.frames) : Json(nullptr);
  row["target_lufs"] = json_number(s.target_lufs);
  row["ceiling_dbtp"] = json_number(s.ceiling_dbtp);
  row["gain_db"] = json_number(s.gain_db);
  row["limiter_max_reduction_db"] = json_number(s.limiter_max_reduction_db);
  row["clipped_samples"] = has ? Json(s.clipped_samples) : Json(nullptr);
  add_levels(row, "before", s.before);
  add_levels(row, "after", s.after);
  std::string findings;
  for (const Warning& finding : s.findings)
    findings += (findings.empty() ? "" : " ") + finding.code;
  row["findings"] = json_text_or_null(findings);
  row["kind"] = failure ? json_text(failure->kind) : Json(nullptr);
  row["message"] = failure ? json_text(failure->message) : Json(nullptr);
  return row;
}

void append(std::string& out, const Json& row) {
  std::vector<std::string> cells;
  for (const auto& [key, value] : row.items()) cells.push_back(csv_cell(value));
  out += csv_line(cells);
}

}  // namespace

std::string catalogue_report_csv(const CatalogueReport& report) {
  std::vector<std::string> keys;
  const Json head = row_of("", "", nullptr, nullptr);
  for (const auto& [key, value] : head.items()) keys.push_back(key);
  std::string out = csv_line(keys);
  for (const ReportedItem& item : report.items)
    append(out, row_of(item.sidecar.id, item.stale ? "stale" : "done", &item, nullptr));
  for (const ItemResult& failure : report.failures)
    append(out, row_of(failure.id, "failed", nullptr, &failure));
  for (const std::string& id : report.missing) append(out, row_of(id, "missing", nullptr, nullptr));
  for (const ReportedItem& item : report.not_asked)
    append(out, row_of(item.sidecar.id, "not_asked", &item, nullptr));
  return out;
}

}  // namespace tutti
