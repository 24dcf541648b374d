// SPDX-License-Identifier: Apache-2.0
#include "host/report/json_values.hpp"
#include "host/report/measured_file.hpp"

namespace tutti {
namespace {

using Json = nlohmann::ordered_json;

Json sample_rate_json(double sample_rate_hz) {
  // A whole rate is written as one: 48000, not 48000.0.
  const auto whole = static_cast<std::int64_t>(sample_rate_hz);
  if (static_cast<double>(whole) == sample_rate_hz) return whole;
  return json_number(sample_rate_hz);
}

void add_levels(Json& out, const Measurement& m) {
  out["integrated_lufs"] = json_number(m.integrated_lufs);
  out["momentary_max_lufs"] = json_number(m.momentary_max_lufs);
  out["short_term_max_lufs"] = json_number(m.short_term_max_lufs);
  out["loudness_range_lu"] = json_number(m.loudness_range_lu);
  out["true_peak_dbtp"] = json_number(m.true_peak_dbtp);
  out["sample_peak_dbfs"] = json_number(m.sample_peak_dbfs);
  out["rms_dbfs"] = json_number(m.rms_dbfs);
  out["plr_db"] = json_number(m.plr_db);
  out["psr_min_db"] = json_number(m.psr_min_db);
  out["dc_offset"] = json_number(m.dc_offset);
  out["clipped_samples"] = m.clipped_samples;
  out["correlation"] = json_number(m.correlation);
}

void add_missing(Json& out) {
  for (const char* key : {"duration_s", "sample_rate_hz", "channels", "layout", "integrated_lufs",
                          "momentary_max_lufs", "short_term_max_lufs", "loudness_range_lu",
                          "true_peak_dbtp", "sample_peak_dbfs", "rms_dbfs", "plr_db", "psr_min_db",
                          "dc_offset", "clipped_samples", "correlation"})
    out[key] = nullptr;
}

}  // namespace

Json measured_file_json(const MeasuredFile& file) {
  Json out;
  out["file"] = json_text(file.file);
  if (file.measurement) {
    const Measurement& m = *file.measurement;
    const bool has_rate = m.sample_rate_hz > 0;
    out["duration_s"] =
        has_rate ? json_number(static_cast<double>(m.frames) / m.sample_rate_hz) : Json(nullptr);
    out["sample_rate_hz"] = has_rate ? sample_rate_json(m.sample_rate_hz) : Json(nullptr);
    out["channels"] = m.channels;
    out["layout"] = json_text_or_null(file.layout);
    add_levels(out, m);
  } else {
    add_missing(out);
  }
  out["error"] = json_text_or_null(file.error);
  if (file.k_system) {
    out["k_system"] = {{"scale", file.k_system->scale},
                       {"average_max_db", json_number(file.k_system->average_max_db)},
                       {"average_db", json_number(file.k_system->average_db)},
                       {"peak_db", json_number(file.k_system->peak_db)}};
  }
  if (!file.notes.empty()) {
    Json notes = Json::array();
    for (const std::string& note : file.notes) notes.push_back(json_text(note));
    out["notes"] = notes;
  }
  return out;
}

std::string measured_files_json(std::span<const MeasuredFile> files) {
  Json list = Json::array();
  for (const MeasuredFile& file : files) list.push_back(measured_file_json(file));
  return json_document({{"files", list}});
}

}  // namespace tutti
