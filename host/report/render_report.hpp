// SPDX-License-Identifier: Apache-2.0
// The result record of a render, as the reports show it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/audio/errors.hpp"
#include "host/dsp/programme_loudness.hpp"
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
  LoudnessMode loudness_mode = LoudnessMode::integrated;  ///< what the target is about
  bool only_if_louder = false;                            ///< the target is a limit
  // Of a skipped output as it was written then; none where that is not known.
  std::optional<double> gain_db;  ///< static gain towards the target
  std::optional<double> limiter_max_reduction_db;
  std::optional<std::int64_t> clipped_samples;  ///< samples that did not fit the format
};

struct RenderReport {
  std::string session;  ///< the session file
  std::string title;    ///< of the piece; may be empty
  std::string device, program_version;
  std::string device_note;           ///< why another was not taken; empty: nothing to say
  std::optional<double> duration_s;  ///< of the programme; none: not known
  int stems = 0;
  double stem_seconds = 0;
  double startup_s = 0, decode_s = 0, mix_s = 0, master_s = 0, encode_s = 0, wall_s = 0;
  std::optional<double> realtime_factor;  ///< none: nothing had to be rendered
  std::uint64_t peak_memory_bytes = 0;
  std::vector<ReportedOutput> outputs;
  std::vector<Warning> warnings;
};

/// What an output misses of what was asked, one clause each: "integrated −16.4 LUFS misses the
/// target −16.0 by 0.4 LU (tolerance 0.1)", "true peak … exceeds the ceiling …". Empty: all is met.
/// A ceiling counts as exceeded from 0.005 dB, half of the last digit that is printed.
std::vector<std::string> missed_goals(const ReportedOutput& output);

/// The same and clipping as warnings: "target_missed", "ceiling_exceeded", "clipped". `said` are
/// the render's own: of an output that has a "silence" among them (or one without a path), a
/// loudness that does not exist is not told again, nor what has a "target_missed" there, which says
/// that the limiter could not give it.
std::vector<Warning> output_warnings(const ReportedOutput& output,
                                     std::span<const Warning> said = {});

/// The document of `tutti render --json`.
std::string render_report_json(const RenderReport& report);

/// The table on standard output; `verbose` adds checksums and what the limiter did.
std::string render_report_text(const RenderReport& report, bool verbose);

/// One self-contained page.
std::string render_report_html(const RenderReport& report);

}  // namespace tutti
