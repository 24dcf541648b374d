// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "host/report/measured_file.hpp"
#include "host/report/terminal_text.hpp"
#include "host/report/text_table.hpp"

namespace tutti {
namespace {

using Align = TextTable::Align;

std::string format_of(const MeasuredFile& file) {
  const Measurement& m = *file.measurement;
  return fmt::format("{} {}", format_rate(m.sample_rate_hz),
                     file.layout.empty() ? fmt::format("{} ch", m.channels) : file.layout);
}

std::string loudness_table(std::span<const MeasuredFile> files) {
  TextTable table;
  for (const char* head : {"I LUFS", "S max", "M max", "LRA LU", "TP dBTP", "PLR dB", "PSR min"})
    table.add_column(head, Align::right);
  table.add_column("length", Align::right);
  table.add_column("format");
  table.add_column("file");
  for (const MeasuredFile& file : files) {
    if (!file.measurement) continue;
    const Measurement& m = *file.measurement;
    const double rate_hz = std::max(1.0, m.sample_rate_hz);
    table.add_row(
        {format_value(m.integrated_lufs), format_value(m.short_term_max_lufs),
         format_value(m.momentary_max_lufs), format_value(m.loudness_range_lu),
         format_value(m.true_peak_dbtp, 2), format_value(m.plr_db), format_value(m.psr_min_db),
         format_duration(static_cast<double>(m.frames) / rate_hz), format_of(file), file.file});
  }
  return table.text();
}

std::string level_table(std::span<const MeasuredFile> files) {
  TextTable table;
  for (const char* head : {"peak dBFS", "RMS dBFS", "DC offset", "clipped", "corr"})
    table.add_column(head, Align::right);
  table.add_column("file");
  for (const MeasuredFile& file : files) {
    if (!file.measurement) continue;
    const Measurement& m = *file.measurement;
    table.add_row({format_value(m.sample_peak_dbfs, 2), format_value(m.rms_dbfs),
                   fmt::format("{:.6f}", m.dc_offset), fmt::format("{}", m.clipped_samples),
                   format_value(m.correlation, 2), file.file});
  }
  return table.text();
}

std::string k_system_table(std::span<const MeasuredFile> files) {
  TextTable table;
  table.add_column("scale");
  for (const char* head : {"max 600 ms", "whole file", "peak"})
    table.add_column(head, Align::right);
  table.add_column("file");
  bool any = false;
  for (const MeasuredFile& file : files) {
    if (!file.k_system) continue;
    any = true;
    table.add_row(
        {fmt::format("K-{}", file.k_system->scale), format_value(file.k_system->average_max_db),
         format_value(file.k_system->average_db), format_value(file.k_system->peak_db), file.file});
  }
  return any ? fmt::format("\n{}", table.text()) : "";
}

}  // namespace

std::string measured_files_text(std::span<const MeasuredFile> files) {
  std::string out;
  if (std::any_of(files.begin(), files.end(),
                  [](const auto& f) { return f.measurement.has_value(); }))
    out = loudness_table(files) + "\n" + level_table(files) + k_system_table(files);
  for (const MeasuredFile& file : files)
    for (const std::string& note : file.notes)
      out += fmt::format("note: {}: {}\n", printable(file.file), printable(note));
  return out;
}

}  // namespace tutti
