// SPDX-License-Identifier: Apache-2.0
#include "host/report/json_values.hpp"
#include "host/report/render_report.hpp"

namespace tutti {
namespace {

using Json = nlohmann::ordered_json;

Json output_json(const ReportedOutput& output) {
  Json out;
  out["file"] = json_text(output.measured.file);
  out["source"] = json_text(output.source);
  out["sha256"] = json_text_or_null(output.sha256);
  out["audio_md5"] = json_text_or_null(output.audio_md5);
  out["measured"] = measured_file_json(output.measured);
  out["format"] = json_text_or_null(output.format);
  out["up_to_date"] = output.up_to_date;
  out["target_lufs"] = json_number(output.target_lufs);
  out["ceiling_dbtp"] = json_number(output.ceiling_dbtp);
  out["gain_db"] = json_number(output.gain_db);
  out["limiter_max_reduction_db"] = json_number(output.limiter_max_reduction_db);
  out["clipped_samples"] = output.clipped_samples ? Json(*output.clipped_samples) : Json(nullptr);
  Json missed = Json::array();
  for (const std::string& clause : missed_goals(output)) missed.push_back(json_text(clause));
  out["missed"] = missed;
  return out;
}

Json warning_json(const Warning& warning) {
  return {{"code", json_text(warning.code)},
          {"message", json_text(warning.message)},
          {"path", json_text_or_null(warning.path)}};
}

}  // namespace

std::string render_report_json(const RenderReport& report) {
  Json out;
  out["session"] = json_text(report.session);
  out["device"] = json_text(report.device);
  if (!report.device_note.empty()) out["device_note"] = json_text(report.device_note);
  out["duration_s"] = json_number(report.duration_s);
  out["stems"] = report.stems;
  out["stem_seconds"] = json_number(report.stem_seconds);
  out["timings"] = {
      {"startup_s", json_number(report.startup_s)}, {"decode_s", json_number(report.decode_s)},
      {"mix_s", json_number(report.mix_s)},         {"master_s", json_number(report.master_s)},
      {"encode_s", json_number(report.encode_s)},   {"wall_s", json_number(report.wall_s)}};
  out["realtime_factor"] = json_number(report.realtime_factor);
  out["peak_memory_bytes"] = report.peak_memory_bytes;
  out["outputs"] = Json::array();
  for (const ReportedOutput& output : report.outputs) out["outputs"].push_back(output_json(output));
  out["warnings"] = Json::array();
  for (const Warning& warning : report.warnings) out["warnings"].push_back(warning_json(warning));
  for (const ReportedOutput& output : report.outputs)
    for (const Warning& warning : output_warnings(output, report.warnings))
      out["warnings"].push_back(warning_json(warning));
  out["version"] = json_text(report.program_version);
  return json_document(out);
}

}  // namespace tutti
