// SPDX-License-Identifier: Apache-2.0
#include "cli/starter_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "host/report/terminal_text.hpp"
#include "host/report/text_table.hpp"
#include "host/session/text.hpp"

namespace tutti::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExamples = R"(
# Add to a stem what it needs (remove the leading #):
#
#    inserts:                              # in order
#      - eq: {bands: [{type: high_pass, freq_hz: 80, slope_db_per_oct: 12}]}
#      - compressor: {threshold_db: -24, ratio: 2, attack_ms: 15, release_ms: 120}
#    sends:
#      - {to: Hall, gain_db: -12}          # a bus below; tap: pre_fader to leave the fader out
#    output: Strings                       # a bus instead of the master
#
# Buses gather stems or receive sends; an impulse response makes one a room:
#
# buses:
#   - {name: Strings, gain_db: -1}
#   - name: Hall
#     inserts: [{convolver: {impulse: ir/hall.wav, wet_db: 0, dry_db: -inf}}]
)";

constexpr const char* kMasterAndOutputs = R"(
master:
  loudness: {target_lufs: -16, tolerance_lu: 0.1}
  limiter: {ceiling_dbtp: -1}

outputs:                       # in the folder of render's -o, or beside this file
  - {file: mix.wav, source: mix, bit_depth: 32f}
  - {file: master.wav, source: master, bit_depth: 24}
  # - {file: spotify.flac, source: master, preset: spotify, bit_depth: 16, dither: tpdf}
  # - {file: "stems/{name}.wav", source: stems, bit_depth: 24}
)";

bool is_plain_safe(const std::string& text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (text.empty() || !letter(text.front()) || text.back() == ' ') return false;
  for (const char c : text)
    if (!letter(c) && !(c >= '0' && c <= '9') &&
        std::string_view(" _-./()").find(c) == std::string_view::npos)
      return false;
  std::string lower = text;
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  for (const char* word : {"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
    if (lower == word) return false;
  return true;
}

double usual_rate_hz(const StemScan& scan) {
  std::map<double, int> counts;
  for (const FoundStem& stem : scan.stems)
    if (stem.problem.empty()) ++counts[stem.info.sample_rate_hz];
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

std::string format_comment(const AudioInfo& info) {
  return fmt::format("{}, {} {}, {}, {}", info.channels == 1 ? "mono" : "stereo", info.container,
                     info.encoding, format_rate(info.sample_rate_hz),
                     format_duration(static_cast<double>(info.frames) / info.sample_rate_hz));
}

std::string fader_lines(const FoundStem& stem, bool gain_stage) {
  if (!gain_stage) return "    gain_db: 0\n";
  if (!stem.sounding_rms_dbfs)
    return "    gain_db: 0                 # nothing sounds above -60 dBFS\n";
  const double gain_db = kGainStageDbfs - *stem.sounding_rms_dbfs;
  return fmt::format("    gain_db: {}  # sounds at {} dBFS RMS\n", format_value(gain_db, 2),
                     format_value(stem.sounding_rms_dbfs, 2));
}

std::string stem_text(const FoundStem& stem, const StarterOptions& options) {
  const std::string relative =
      stem.path.lexically_proximate(options.session_directory).generic_string();
  std::string text = fmt::format("  - name: {}  # {}\n", yaml_string(stem.name),
                                 printable(format_comment(stem.info)));
  text += fmt::format("    file: {}\n", yaml_string(relative));
  text += fader_lines(stem, options.gain_stage);
  return text + (stem.info.channels == 1 ? "    pan: 0                     # -1 left ... +1 right\n"
                                         : "    pan: 0                     # balance\n");
}

std::string head(const StemScan& scan, const StarterOptions& options) {
  const std::string name = printable(options.session_name);
  const fs::path folder = fs::absolute(options.folder).lexically_normal();
  std::string title = (folder.has_filename() ? folder : folder.parent_path()).filename().string();
  std::string text = "# A session to begin with: every stem at its fader, nothing else.\n#\n";
  text += fmt::format("#   tutti check {0}\n#   tutti plan {0}\n#   tutti render {0} -o out\n#\n",
                      name);
  if (options.gain_stage)
    text +=
        "# Each fader lets its stem sit at -18 dBFS RMS while it sounds (RMS over the windows of\n"
        "# 20 ms that are above -60 dBFS).\n";
  text += fmt::format("tutti: 1\ntitle: {}\nsample_rate_hz: {:.10g}\nlayout: stereo\n",
                      yaml_string(utf8_or_escaped(title)), usual_rate_hz(scan));
  return text +
         "pan_law_db: -3                 # 0, -3, -4.5 or -6 dB at the centre\n"
         "tail: {until_db: -100, max_s: 30}\n\nstems:\n";
}

}  // namespace

std::string starter_session(const StemScan& scan, const StarterOptions& options) {
  std::string text = head(scan, options);
  for (const FoundStem& stem : scan.stems) {
    if (stem.problem.empty())
      text += stem_text(stem, options);
    else
      text += fmt::format("  # not used: {}: {}\n", printable(stem.path.filename().string()),
                          printable(stem.problem));
  }
  for (const fs::path& folder : scan.folders)
    text += fmt::format("  # not looked into: {}/\n", printable(folder.filename().string()));
  return text + kExamples + kMasterAndOutputs;
}

std::string yaml_string(const std::string& value) {
  if (is_plain_safe(value)) return value;
  std::string out = "\"";
  for (std::size_t i = 0; i < value.size();) {
    const text::CodePoint point = text::decode_utf8(value, i);
    const std::string bytes = value.substr(i, point.bytes);
    if (bytes == "\"" || bytes == "\\")
      out += "\\" + bytes;
    else if (text::is_printable(point.value))
      out += bytes;
    else
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(point.value));
    i += point.bytes;
  }
  return out + "\"";
}

}  // namespace tutti::cli
