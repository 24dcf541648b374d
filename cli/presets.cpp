// SPDX-License-Identifier: Apache-2.0
#include "host/session/presets.hpp"

#include <fmt/format.h>

#include "cli/command_line.hpp"
#include "cli/output.hpp"
#include "host/report/json_values.hpp"
#include "host/report/text_table.hpp"

namespace tutti::cli {
namespace {

using Align = TextTable::Align;

const char* format_name(SampleFormat format) {
  switch (format) {
    case SampleFormat::pcm8:
      return "8";
    case SampleFormat::pcm16:
      return "16";
    case SampleFormat::pcm24:
      return "24";
    case SampleFormat::pcm32:
      return "32";
    case SampleFormat::float32:
      return "32f";
    case SampleFormat::float64:
      return "64f";
  }
  return "";
}

std::string presets_text() {
  TextTable table;
  table.add_column("preset");
  for (const char* head : {"LUFS", "± LU", "dBTP"}) table.add_column(head, Align::right);
  for (const char* head : {"bits", "rate", "grade", "read", "source"}) table.add_column(head);
  for (const DeliveryPreset& preset : delivery_presets())
    table.add_row({preset.name, format_value(preset.target_lufs),
                   preset.target_lufs ? format_value(preset.tolerance_lu) : "-",
                   format_value(preset.ceiling_dbtp),
                   preset.bit_depth ? format_name(*preset.bit_depth) : "any",
                   preset.sample_rate_hz ? format_rate(*preset.sample_rate_hz) : "session",
                   preset.loudness_grade, preset.date, preset.source});
  return table.text();
}

std::string presets_json() {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const DeliveryPreset& preset : delivery_presets()) {
    nlohmann::ordered_json out;
    out["name"] = json_text(preset.name);
    out["description"] = json_text(preset.description);
    out["target_lufs"] = json_number(preset.target_lufs);
    out["tolerance_lu"] = json_number(preset.tolerance_lu);
    out["ceiling_dbtp"] = json_number(preset.ceiling_dbtp);
    out["bit_depth"] = nullptr;
    if (preset.bit_depth) out["bit_depth"] = format_name(*preset.bit_depth);
    out["sample_rate_hz"] = json_number(preset.sample_rate_hz);
    out["grades"] = {{"loudness", json_text(preset.loudness_grade)},
                     {"ceiling", json_text(preset.ceiling_grade)},
                     {"format", json_text(preset.format_grade)}};
    out["source"] = json_text(preset.source);
    out["date"] = json_text(preset.date);
    list.push_back(out);
  }
  return json_document({{"presets", list}});
}

}  // namespace

int run_presets(const Arguments& arguments) {
  CommandLine line("presets", "The delivery targets that an output's `preset:` can name.",
                   "tutti presets\n  lists each target's loudness, ceiling, format and where the "
                   "figures come from");
  JsonOption json(line);
  if (!line.read(arguments)) return kDone;
  check_document_path(json.path(), DocumentKind::json, {});
  if (!json.on_standard_output()) print(presets_text());
  write_document(json.path(), DocumentKind::json, presets_json());
  return kDone;
}

}  // namespace tutti::cli
