// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "host/report/render_report.hpp"
#include "host/report/terminal_text.hpp"
#include "host/report/text_table.hpp"

namespace tutti {
namespace {

using Align = TextTable::Align;

// Half of the last digit printed: a ceiling of −1.00 read as −0.996 prints as −1.00 and is met.
constexpr double kCeilingSlackDb = 0.005;
// Loudness is asked for and read with rounding of its own; a tolerance is met up to this.
constexpr double kToleranceSlackLu = 1e-6;

std::string goal_text(const ReportedOutput& output) {
  if (output.up_to_date) return "up to date (skipped)";
  if (!output.target_lufs && !output.ceiling_dbtp) return "-";
  return missed_goals(output).empty() ? "met" : "MISSED";
}

std::string outputs_table(const RenderReport& report) {
  TextTable table;
  for (const char* head : {"I LUFS", "S max", "M max", "LRA LU", "TP dBTP", "PLR dB"})
    table.add_column(head, Align::right);
  table.add_column("target");
  table.add_column("goal");
  table.add_column("format");
  table.add_column("file");
  for (const ReportedOutput& output : report.outputs) {
    const Measurement m = output.measured.measurement.value_or(Measurement{});
    std::string target;
    if (output.target_lufs) target = fmt::format("{} LUFS", format_value(output.target_lufs));
    if (output.ceiling_dbtp)
      target +=
          fmt::format("{}{} dBTP", target.empty() ? "" : ", ", format_value(output.ceiling_dbtp));
    table.add_row({format_value(m.integrated_lufs), format_value(m.short_term_max_lufs),
                   format_value(m.momentary_max_lufs), format_value(m.loudness_range_lu),
                   format_value(m.true_peak_dbtp, 2), format_value(m.plr_db),
                   target.empty() ? "-" : target, goal_text(output),
                   fmt::format("{} {}", output.format, format_rate(m.sample_rate_hz)),
                   output.measured.file});
  }
  return table.text();
}

std::string master_lines(const ReportedOutput& output, std::span<const Warning> said,
                         bool verbose) {
  std::string out;
  for (const Warning& warning : output_warnings(output, said))
    out += fmt::format("warning: {}: {}\n", printable(warning.path), warning.message);
  if ((output.target_lufs || output.ceiling_dbtp) && output.gain_db)
    out += fmt::format("{}: gain {} dB, limiter took at most {} dB\n",
                       printable(output.measured.file), format_value(output.gain_db, 2),
                       format_value(std::abs(output.limiter_max_reduction_db.value_or(0)), 2));
  if (verbose)
    out += fmt::format("{}: sha256 {}, audio md5 {}\n", printable(output.measured.file),
                       output.sha256, output.audio_md5);
  return out;
}

struct Miss {
  const char* code;
  std::string clause;
  bool no_loudness = false;  ///< nothing was measured that could meet a target
};

const char* figure_name(LoudnessMode mode) {
  if (mode == LoudnessMode::short_term) return "short-term maximum";
  return mode == LoudnessMode::momentary ? "momentary maximum" : "integrated";
}

std::vector<Miss> misses_of(const ReportedOutput& output) {
  std::vector<Miss> missed;
  if (output.up_to_date || !output.measured.measurement) return missed;
  const Measurement& m = *output.measured.measurement;
  const std::optional<double> level_lufs = programme_loudness_lufs(m, output.loudness_mode);
  if (output.target_lufs && level_lufs) {
    const double miss_lu = *level_lufs - *output.target_lufs;
    const bool asked = miss_lu > 0 || !output.only_if_louder;
    if (asked && std::abs(miss_lu) > output.tolerance_lu + kToleranceSlackLu) {
      std::string clause =
          fmt::format("{} {:.2f} LUFS misses the target {:.2f} by {:+.2f} LU (tolerance {:g})",
                      figure_name(output.loudness_mode), *level_lufs, *output.target_lufs, miss_lu,
                      output.tolerance_lu);
      if (miss_lu < 0 && output.ceiling_dbtp && m.true_peak_dbtp &&
          *m.true_peak_dbtp > *output.ceiling_dbtp - 0.3)
        clause += fmt::format("; the ceiling {:.2f} dBTP limits it", *output.ceiling_dbtp);
      missed.push_back({"target_missed", clause});
    }
  } else if (output.target_lufs) {
    missed.push_back(
        {"target_missed",
         fmt::format("no loudness: the programme is silent or shorter than {}",
                     output.loudness_mode == LoudnessMode::short_term ? "3 s" : "400 ms"),
         /*no_loudness=*/true});
  }
  if (output.ceiling_dbtp && m.true_peak_dbtp &&
      *m.true_peak_dbtp > *output.ceiling_dbtp + kCeilingSlackDb)
    missed.push_back(
        {"ceiling_exceeded", fmt::format("true peak {:.2f} dBTP exceeds the ceiling {:.2f}",
                                         *m.true_peak_dbtp, *output.ceiling_dbtp)});
  return missed;
}

std::string summary_line(const RenderReport& report) {
  if (!report.realtime_factor)
    return fmt::format("nothing had to be rendered: {} up to date, measured again in {:.2f} s\n",
                       report.outputs.size() == 1 ? "the output is" : "all outputs are",
                       report.wall_s);
  return fmt::format(
      "{} of programme, {} stem{}, on {}: {:.2f} s, {:.1f} x realtime, {:.0f} "
      "stem-seconds per second, peak memory {}\n",
      format_duration(report.duration_s.value_or(0)), report.stems, report.stems == 1 ? "" : "s",
      printable(report.device), report.wall_s, *report.realtime_factor,
      report.wall_s > 0 ? report.stem_seconds / report.wall_s : 0.0,
      format_bytes(report.peak_memory_bytes));
}

}  // namespace

std::vector<std::string> missed_goals(const ReportedOutput& output) {
  std::vector<std::string> clauses;
  for (Miss& miss : misses_of(output)) clauses.push_back(std::move(miss.clause));
  return clauses;
}

std::vector<Warning> output_warnings(const ReportedOutput& output, std::span<const Warning> said) {
  const auto told = [&](std::string_view code) {
    return std::any_of(said.begin(), said.end(), [&](const Warning& warning) {
      return warning.code == code &&
             (warning.path.empty() || warning.path == output.measured.file);
    });
  };
  std::vector<Warning> warnings;
  for (Miss& miss : misses_of(output))
    if (!told(miss.no_loudness ? "silence" : miss.code))
      warnings.push_back({miss.code, std::move(miss.clause), output.measured.file});
  if (output.clipped_samples.value_or(0) > 0)
    warnings.push_back({"clipped",
                        fmt::format("{} samples clipped at full scale", *output.clipped_samples),
                        output.measured.file});
  return warnings;
}

std::string render_report_text(const RenderReport& report, bool verbose) {
  std::string out = outputs_table(report);
  for (const ReportedOutput& output : report.outputs)
    out += master_lines(output, report.warnings, verbose);
  out += summary_line(report);
  if (!report.realtime_factor) return out;
  if (!report.device_note.empty()) out += printable(report.device_note) + "\n";
  out += fmt::format(
      "start-up {:.2f} s, decode {:.2f} s, mix {:.2f} s, master {:.2f} s, "
      "encode {:.2f} s\n",
      report.startup_s, report.decode_s, report.mix_s, report.master_s, report.encode_s);
  return out;
}

}  // namespace tutti
