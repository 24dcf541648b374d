// SPDX-License-Identifier: Apache-2.0
// The result record of a render, as the reports show it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/audio/errors.hpp"
#include "host/report/measured_file.hpp"

namespace tutti {

struct ReportedOutput {
  MeasuredFile measured;  ///< `file` is the output's absolute path
  std::string source;     ///< "mix", "master" or a strip's name
  std::string format;     ///< "WAV PCM 24"; empty: unknown
  std::string sha256, audio_md5;
  bool up_to_date = false;  ///< existed already from the same inputs and settings
  std::optional<double> target_lufs, ceiling_dbtp;
  double tolerance_lu = 0.1;
  double gain_db = 0;  ///< static gain towards the target
  double limiter_max_reduction_db = 0;
  std::int64_t clipped_samples = 0;  ///< samples that did not fit the format
};

struct RenderReport {
  std::string session;  ///< the session file
  std::string title;    ///< of the piece; may be empty
  std::string device, program_version;
  std::string device_note;  ///< why another was not taken; empty: nothing to say
  double duration_s = 0;
  int stems = 0;
  double stem_seconds = 0;
  double startup_s = 0, decode_s = 0, mix_s = 0, master_s = 0, encode_s = 0, wall_s = 0;
  double realtime_factor = 0;
  std::uint64_t peak_memory_bytes = 0;
  std::vector<ReportedOutput> outputs;
  std::vector<Warning> warnings;
};

/// What an output misses of what was asked, one clause each: "integrated −16.4 LUFS misses the
/// target −16.0 by 0.4 LU (tolerance 0.1)", "true peak … exceeds the ceiling …". Empty: all is met.
/// A ceiling counts as exceeded from 0.005 dB, half of the last digit that is printed.
std::vector<std::string> missed_goals(const ReportedOutput& output);

/// The document of `tutti render --json`.
std::string render_report_json(const RenderReport& report);

/// The table on standard output; `verbose` adds checksums and what the limiter did.
std::string render_report_text(const RenderReport& report, bool verbose);

/// One self-contained page.
std::string render_report_html(const RenderReport& report);

}  // namespace tutti
