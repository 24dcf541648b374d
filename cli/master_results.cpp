// SPDX-License-Identifier: Apache-2.0
#include "cli/master_results.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/output.hpp"
#include "host/report/json_values.hpp"
#include "host/report/measured_file.hpp"
#include "host/report/services.hpp"
#include "host/report/terminal_text.hpp"
#include "host/report/text_table.hpp"
#include "host/session/presets.hpp"

namespace tutti::cli {
namespace {

using nlohmann::ordered_json;

// A screen of rows: a longer job is told by its report.
constexpr std::size_t kMostRows = 60;

const char* status_word(ItemResult::Status status) {
  switch (status) {
    case ItemResult::Status::done: return "done";
    case ItemResult::Status::skipped: return "skipped";
    case ItemResult::Status::failed: return "failed";
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

}  // namespace

MasterResults::MasterResults(const Manifest& manifest, const std::vector<int>& own_shard, int shard,
                             ProgressDisplay& display, bool quiet)
    : display_(display), quiet_(quiet) {
  for (std::size_t i = 0; i < manifest.items.size(); ++i) {
    if (own_shard[i] != shard) continue;
    ++items_;
    seconds_ += manifest.items[i].seconds;
  }
}

void MasterResults::take(const CatalogueItem& item, const ItemResult& result) {
  entries_.push_back({&item, result});
  seconds_done_ += item.seconds;
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  Progress progress;
  progress.stage = fmt::format("{}/{} items, {:.1f} h", entries_.size(), items_, seconds_done_ / 3600);
  const bool by_time = seconds_ > 0;
  progress.done = by_time ? static_cast<Frames>(seconds_done_) : static_cast<Frames>(entries_.size());
  progress.total = by_time ? static_cast<Frames>(seconds_) : static_cast<Frames>(items_);
  if (by_time && elapsed.count() > 0) progress.realtime_factor = seconds_done_ / elapsed.count();
  if (progress.done > 0)
    progress.eta_s = elapsed.count() * static_cast<double>(progress.total - progress.done) /
                     static_cast<double>(progress.done);
  display_.show(progress);
  display_.print_event("{\"event\":\"result\"," + result_line(result).substr(1));
  if (result.status == ItemResult::Status::failed)
    display_.print_line("failed: " + printable(item.id) + ": " + printable(result.message));
}

std::vector<const MasterResults::Entry*> MasterResults::in_order() const {
  std::vector<const Entry*> entries;
  for (const Entry& entry : entries_) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(),
            [](const Entry* a, const Entry* b) { return a->item < b->item; });
  return entries;
}

std::vector<Sidecar> MasterResults::sidecars_of(const Entry& entry, const Session& chain,
                                                const std::filesystem::path& out) const {
  std::vector<Sidecar> sidecars;
  if (entry.result.status == ItemResult::Status::failed) return sidecars;
  for (const std::filesystem::path& file : output_files(chain, *entry.item, out))
    if (auto sidecar = read_sidecar(sidecar_path(file))) sidecars.push_back(std::move(*sidecar));
  return sidecars;
}

std::string MasterResults::text(const Session& chain, const std::filesystem::path& out) const {
  TextTable table;
  table.add_column("");
  for (const char* head : {"I LUFS", "TP dBTP", "gain dB", "limited dB"})
    table.add_column(head, TextTable::Align::right);
  for (const char* head : {"target", "format", "file"}) table.add_column(head);
  std::string findings, services;
  std::size_t rows = 0, done = 0, skipped = 0, failed = 0;
  for (const Entry* entry : in_order()) {
    done += entry->result.status == ItemResult::Status::done;
    skipped += entry->result.status == ItemResult::Status::skipped;
    failed += entry->result.status == ItemResult::Status::failed;
    if (entries_.size() > kMostRows) continue;
    const std::vector<std::filesystem::path> files = output_files(chain, *entry->item, out);
    const std::vector<Sidecar> sidecars = sidecars_of(*entry, chain, out);
    for (std::size_t i = 0; i < sidecars.size(); ++i, ++rows) {
      add_row(table, files[i].string(), status_word(entry->result.status), sidecars[i]);
      for (const Warning& finding : sidecars[i].findings)
        findings += "warning: " + printable(files[i].string()) + ": " +
                    printable(finding.message) + "\n";
      services = services_text(services_of(sidecars[i].after, delivery_presets()));
    }
  }
  std::string text = rows > 0 ? table.text() : "";
  text += findings;
  if (rows == 1) text += services;
  return text + fmt::format("{} done, {} up to date, {} failed\n", done, skipped, failed);
}

std::string MasterResults::json(const Session& chain, const std::filesystem::path& out) const {
  ordered_json items = ordered_json::array();
  int done = 0, skipped = 0, failed = 0;
  for (const Entry* entry : in_order()) {
    const ItemResult& result = entry->result;
    done += result.status == ItemResult::Status::done;
    skipped += result.status == ItemResult::Status::skipped;
    failed += result.status == ItemResult::Status::failed;
    ordered_json item = {{"id", json_text(result.id)}, {"status", status_word(result.status)}};
    if (result.status == ItemResult::Status::failed) {
      item["kind"] = result.kind;
      item["message"] = json_text(result.message);
      item["retriable"] = result.retriable;
    }
    item["outputs"] = ordered_json::array();
    const std::vector<std::filesystem::path> files = output_files(chain, *entry->item, out);
    const std::vector<Sidecar> sidecars = sidecars_of(*entry, chain, out);
    for (std::size_t i = 0; i < sidecars.size(); ++i)
      item["outputs"].push_back(output_json(files[i].string(), sidecars[i]));
    items.push_back(std::move(item));
  }
  return json_document(
      {{"items", items}, {"done", done}, {"skipped", skipped}, {"failed", failed}});
}

}  // namespace tutti::cli
