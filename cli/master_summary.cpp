// SPDX-License-Identifier: Apache-2.0
#include "cli/master_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "cli/master_plan.hpp"
#include "host/report/json_values.hpp"
#include "host/report/measured_file.hpp"
#include "host/report/services.hpp"
#include "host/report/terminal_text.hpp"
#include "host/report/text_table.hpp"
#include "host/session/presets.hpp"

namespace tutti::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
using Status = ItemResult::Status;

// A screen of rows: a longer job is told by its report.
constexpr std::size_t kMostRows = 60;

struct MadeOutput {
  std::string file;
  Sidecar sidecar;
};

/// What stands beside the outputs of one item: read when it is told, one item at a time.
std::vector<MadeOutput> outputs_of(const MasterResults::Entry& entry, const MasterJob& job) {
  std::vector<MadeOutput> outputs;
  if (entry.status == Status::failed) return outputs;
  for (const fs::path& file : output_files(job.chain, *entry.item, job.out))
    if (auto sidecar = read_sidecar(sidecar_path(file)))
      outputs.push_back({file.string(), std::move(*sidecar)});
  return outputs;
}

const char* status_word(Status status) {
  switch (status) {
    case Status::done: return "done";
    case Status::skipped: return "skipped";
    case Status::failed: return "failed";
  }
  return "";
}

std::string change(std::optional<double> before, std::optional<double> after, int decimals) {
  return format_value(before, decimals) + " > " + format_value(after, decimals);
}

std::string target_text(const Sidecar& sidecar) {
  std::string text;
  if (sidecar.target_lufs) text = format_value(sidecar.target_lufs) + " LUFS";
  if (sidecar.ceiling_dbtp)
    text += (text.empty() ? "" : ", ") + format_value(sidecar.ceiling_dbtp) + " dBTP";
  return text.empty() ? "-" : text;
}

void add_row(TextTable& table, const std::string& file, const char* status,
             const Sidecar& sidecar) {
  table.add_row({status, change(sidecar.before.integrated_lufs, sidecar.after.integrated_lufs, 1),
                 change(sidecar.before.true_peak_dbtp, sidecar.after.true_peak_dbtp, 2),
                 format_value(sidecar.gain_db, 2),
                 format_value(std::abs(sidecar.limiter_max_reduction_db.value_or(0)), 2),
                 target_text(sidecar), sidecar.output.format, file});
}

ordered_json measured(const std::string& file, const Measurement& measurement) {
  MeasuredFile record;
  record.file = file;
  record.measurement = measurement;
  return measured_file_json(record);
}

ordered_json output_json(const std::string& file, const Sidecar& sidecar) {
  ordered_json findings = ordered_json::array();
  for (const Warning& finding : sidecar.findings)
    findings.push_back({{"code", finding.code}, {"message", json_text(finding.message)}});
  return {{"file", json_text(file)},
          {"format", sidecar.output.format},
          {"sha256", sidecar.output.sha256},
          {"audio_md5", sidecar.output.audio_md5},
          {"target_lufs", json_number(sidecar.target_lufs)},
          {"ceiling_dbtp", json_number(sidecar.ceiling_dbtp)},
          {"gain_db", json_number(sidecar.gain_db)},
          {"limiter_max_reduction_db", json_number(sidecar.limiter_max_reduction_db)},
          {"clipped_samples", sidecar.clipped_samples},
          {"before", measured(sidecar.input.file, sidecar.before)},
          {"measured", measured(file, sidecar.after)},
          {"findings", findings},
          {"services", sidecar.services}};
}

ordered_json item_json(const MasterResults::Entry& entry, const MasterJob& job) {
  ordered_json item = {{"id", json_text(entry.item->id)}, {"status", status_word(entry.status)}};
  if (entry.failure) {
    item["kind"] = entry.failure->kind;
    item["message"] = json_text(entry.failure->message);
    item["retriable"] = entry.failure->retriable;
  }
  if (entry.input_changed) item["input_changed"] = true;
  item["outputs"] = ordered_json::array();
  for (const MadeOutput& output : outputs_of(entry, job))
    item["outputs"].push_back(output_json(output.file, output.sidecar));
  return item;
}

}  // namespace

std::string summary_text(const MasterResults& results, const MasterJob& job, bool verbose) {
  TextTable table;
  table.add_column("");
  for (const char* head : {"I LUFS", "TP dBTP", "gain dB", "limited dB"})
    table.add_column(head, TextTable::Align::right);
  for (const char* head : {"target", "format", "file"}) table.add_column(head);
  std::string below, services;
  std::size_t rows = 0;
  const std::vector<const MasterResults::Entry*> entries = results.in_order();
  if (verbose || entries.size() <= kMostRows)
    for (const MasterResults::Entry* entry : entries)
      for (const auto& [file, sidecar] : outputs_of(*entry, job)) {
        add_row(table, file, status_word(entry->status), sidecar);
        ++rows;
        for (const Warning& finding : sidecar.findings)
          below += "warning: " + printable(file) + ": " + printable(finding.message) + "\n";
        if (verbose)
          below += fmt::format("{}: sha256 {}, audio md5 {}\n", printable(file),
                               sidecar.output.sha256, sidecar.output.audio_md5);
        services = services_text(services_of(sidecar.after, delivery_presets()));
      }
  std::string text = rows > 0 ? table.text() : "";
  text += below;
  if (rows == 1) text += services;
  text += fmt::format("{} done, {} up to date, {} failed", results.count(Status::done),
                      results.count(Status::skipped), results.count(Status::failed));
  if (const std::size_t changed = results.changed_inputs(); changed > 0)
    text += fmt::format("; {} of another input than before", changed);
  return text + "\n";
}

void write_summary_json(const MasterResults& results, const MasterJob& job,
                        const DocumentSink& sink) {
  sink("{\n  \"items\": [");
  const char* between = "\n    ";
  for (const MasterResults::Entry* entry : results.in_order())
    sink(std::exchange(between, ",\n    ") + item_json(*entry, job).dump());
  ordered_json undecodable = ordered_json::array();
  for (const fs::path& file : job.undecodable) undecodable.push_back(json_text(file.string()));
  sink(fmt::format(
      "\n  ],\n  \"done\": {},\n  \"skipped\": {},\n  \"failed\": {},\n  \"inputs_changed\": {},\n"
      "  \"undecodable\": {}\n}}\n",
      results.count(Status::done), results.count(Status::skipped), results.count(Status::failed),
      results.changed_inputs(), undecodable.dump()));
}

std::string summary_html(const MasterResults& results, const MasterJob& job) {
  CatalogueReport report;
  const fs::path root = fs::absolute(job.out).lexically_normal();
  for (const MasterResults::Entry* entry : results.in_order()) {
    if (entry->failure) report.failures.push_back(*entry->failure);
    for (auto& [file, sidecar] : outputs_of(*entry, job)) {
      sidecar.settings = nullptr;
      report.items.push_back({fs::path(file).lexically_relative(root).string(), std::move(sidecar)});
    }
  }
  for (const CatalogueItem* item : results.left()) report.missing.push_back(item->id);
  std::sort(report.items.begin(), report.items.end(),
            [](const ReportedItem& a, const ReportedItem& b) {
              return std::tie(a.sidecar.id, a.output) < std::tie(b.sidecar.id, b.output);
            });
  std::sort(report.missing.begin(), report.missing.end());
  return catalogue_report_html(report);
}

}  // namespace tutti::cli
