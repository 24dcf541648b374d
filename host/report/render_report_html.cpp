// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "host/report/html_page.hpp"
#include "host/report/render_report.hpp"
#include "host/report/terminal_text.hpp"
#include "host/report/text_table.hpp"

namespace tutti {
namespace {

constexpr const char* kStyle =
    "td.sum { font-family: ui-monospace, monospace; font-size: .8rem; }\n";

std::string goal_cell(const ReportedOutput& output) {
  if (output.up_to_date) return "<td>up to date</td>";
  if (!output.target_lufs && !output.ceiling_dbtp) return "<td>-</td>";
  const std::vector<std::string> missed = missed_goals(output);
  if (missed.empty()) return "<td class=\"met\">met</td>";
  std::string clauses;
  for (const std::string& clause : missed)
    clauses += (clauses.empty() ? "" : "<br>") + html_escaped(clause);
  return "<td class=\"missed\">" + clauses + "</td>";
}

std::string outputs_section(const RenderReport& report) {
  std::string out = "<h2>Outputs</h2>\n<div class=\"scroll\"><table>\n";
  out += head_row({"file", "source", "format", "goal"},
                  {"target LUFS", "ceiling dBTP", "gain dB", "limiter dB", "clipped"});
  for (const ReportedOutput& output : report.outputs) {
    out += "<tr>" + text_cell(output.measured.file) + text_cell(output.source) +
           text_cell(output.format) + goal_cell(output) +
           number_cell(format_value(output.target_lufs)) +
           number_cell(format_value(output.ceiling_dbtp)) +
           number_cell(format_value(output.gain_db, 2)) +
           number_cell(format_value(output.limiter_max_reduction_db, 2)) +
           number_cell(output.clipped_samples ? fmt::format("{}", *output.clipped_samples) : "-") +
           "</tr>\n";
  }
  return out + "</table></div>\n";
}

std::string measurements_section(const RenderReport& report) {
  std::string out = "<h2>Measured, as read back from disk</h2>\n<div class=\"scroll\"><table>\n";
  out += head_row({"file"}, {"I LUFS", "S max", "M max", "LRA LU", "TP dBTP", "peak dBFS", "RMS dBFS",
                   "PLR dB", "PSR min", "DC", "corr"});
  for (const ReportedOutput& output : report.outputs) {
    const Measurement m = output.measured.measurement.value_or(Measurement{});
    out += "<tr>" + text_cell(output.measured.file);
    for (const auto& level :
         {m.integrated_lufs, m.short_term_max_lufs, m.momentary_max_lufs, m.loudness_range_lu,
          m.true_peak_dbtp, m.sample_peak_dbfs, m.rms_dbfs, m.plr_db, m.psr_min_db})
      out += number_cell(format_value(level, 2));
    out += number_cell(fmt::format("{:.6f}", m.dc_offset)) +
           number_cell(format_value(m.correlation, 2)) + "</tr>\n";
  }
  return out + "</table></div>\n";
}

std::string checksums_section(const RenderReport& report) {
  std::string out = "<h2>Checksums</h2>\n<div class=\"scroll\"><table>\n";
  out += head_row({"file", "SHA-256 of the file", "MD5 of the audio"}, {});
  for (const ReportedOutput& output : report.outputs)
    out += fmt::format("<tr>{}<td class=\"sum\">{}</td><td class=\"sum\">{}</td></tr>\n",
                       text_cell(output.measured.file), html_escaped(output.sha256),
                       html_escaped(output.audio_md5));
  return out + "</table></div>\n";
}

std::string warnings_section(const RenderReport& report) {
  if (report.warnings.empty()) return "<h2>Warnings</h2>\n<p>None.</p>\n";
  std::string out = "<h2>Warnings</h2>\n<ul>\n";
  for (const Warning& warning : report.warnings)
    out += fmt::format("<li>{}{}{}</li>\n", html_escaped(warning.path),
                       warning.path.empty() ? "" : ": ", html_escaped(warning.message));
  return out + "</ul>\n";
}

std::string timings_section(const RenderReport& report) {
  std::string out = "<h2>Timings</h2>\n<table>\n";
  const std::pair<const char*, double> rows[] = {
      {"start-up", report.startup_s}, {"decode", report.decode_s},
      {"mix", report.mix_s},          {"master", report.master_s},
      {"encode", report.encode_s},    {"all, wall clock", report.wall_s}};
  for (const auto& [name, time_s] : rows)
    out += fmt::format("<tr><td>{}</td><td class=\"n\">{:.3f} s</td></tr>\n", name, time_s);
  return out + "</table>\n" +
         fmt::format(
             "<p>{:.1f} &times; realtime, {:.0f} stem-seconds per second, peak memory {}.</p>\n",
             report.realtime_factor.value_or(0),
             report.wall_s > 0 ? report.stem_seconds / report.wall_s : 0.0,
             format_bytes(report.peak_memory_bytes));
}

}  // namespace

std::string render_report_html(const RenderReport& report) {
  const std::string title = html_escaped(report.title.empty() ? report.session : report.title);
  std::string out = page_head(title, kStyle);
  out += fmt::format("<h1>{}</h1>\n<p>{}: {} of programme, {} stems, rendered on {}.</p>\n", title,
                     html_escaped(report.session), format_duration(report.duration_s.value_or(0)),
                     report.stems, html_escaped(report.device));
  out += outputs_section(report) + measurements_section(report) + warnings_section(report) +
         timings_section(report) + checksums_section(report);
  return out + fmt::format("<p><small>{}</small></p>\n</body>\n</html>\n",
                           html_escaped(report.program_version));
}

}  // namespace tutti
