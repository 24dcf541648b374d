// SPDX-License-Identifier: Apache-2.0
#include "host/io/bext.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "host/io/text_tags.hpp"

namespace tutti::io {
namespace {

// Description 256, Originator 32, OriginatorReference 32, date 10, time 8, TimeReference 8,
// Version 2, UMID 64, five loudness fields of 2, reserved 180; then the coding history.
constexpr std::size_t kTimeAt = 338;
constexpr std::size_t kVersionAt = 346;
constexpr std::size_t kUmidAt = 348;
constexpr std::size_t kLoudnessAt = 412;
constexpr std::size_t kHistoryAt = 602;

/// "If a loudness parameter is not used, its value shall be set to 7FFFh."
constexpr std::uint16_t kNotUsed = 0x7fff;

/// Hundredths, within the range of the field.
std::uint16_t hundredths(std::optional<double> value, double least) {
  constexpr double kMost = 99.99;
  if (!value || !(*value >= least && *value <= kMost)) return kNotUsed;
  return static_cast<std::uint16_t>(static_cast<std::int16_t>(std::lround(*value * 100)));
}

}  // namespace

std::string coding_history_line(const WriteSpec& spec) {
  const int bits = integer_bits(spec.encoding);
  const bool floating = bits == 0;
  const int width = !floating ? bits : spec.encoding == Encoding::float64 ? 64 : 32;
  // R 98 has words for one and two channels only.
  const char* mode = spec.channels == 1 ? ",M=mono" : spec.channels == 2 ? ",M=stereo" : "";
  return fmt::format("A=PCM,F={},W={}{},T=Tutti{}\r\n", std::llround(spec.sample_rate_hz), width,
                     mode, floating ? "; floating point" : "");
}

Bytes adapt_bext(const Bytes& body, const WriteSpec& spec, const PositionMap& map) {
  Bytes out = body;
  out.resize(std::max(out.size(), kHistoryAt));
  const auto version = load_integer<std::uint16_t>(out.data() + kVersionAt, false);
  // Version 0 keeps no UMID and version 1 no loudness there: reserved bytes, some of them rubbish.
  const std::size_t reserved = version == 0 ? kUmidAt : version == 1 ? kLoudnessAt : kHistoryAt;
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(reserved),
            out.begin() + static_cast<std::ptrdiff_t>(kHistoryAt), std::byte{0});
  if (version < 2) store_number(out, kVersionAt, 2, 2, false);
  const auto time = load_integer<std::uint64_t>(out.data() + kTimeAt, false);
  store_number(out, kTimeAt, map.time_reference(time).value_or(time), 8, false);
  set_bext_loudness(out, spec.metadata_change.loudness.value_or(Measurement{}));
  std::string history(characters(out).substr(kHistoryAt));
  history.resize(history.find_last_not_of('\0') + 1);
  if (!history.empty() && history.back() != '\n') history += "\r\n";
  history += coding_history_line(spec);
  out.resize(kHistoryAt);
  const Bytes lines = to_bytes(history);
  out.insert(out.end(), lines.begin(), lines.end());
  return out;
}

void set_bext_loudness(std::span<std::byte> body, const Measurement& loudness) {
  const std::uint16_t fields[] = {
      hundredths(loudness.integrated_lufs, -99.99), hundredths(loudness.loudness_range_lu, 0),
      hundredths(loudness.true_peak_dbtp, -99.99), hundredths(loudness.momentary_max_lufs, -99.99),
      hundredths(loudness.short_term_max_lufs, -99.99)};
  for (std::size_t i = 0; i < std::size(fields); ++i) {
    store_number(body, kLoudnessAt + 2 * i, fields[i], 2, false);
  }
}

std::vector<Tag> bext_tags(const Bytes& body) {
  ByteParser in(body, false);
  std::vector<Tag> tags;
  const auto field = [&](const char* key, std::size_t bytes) {
    const std::string text = trimmed_text(in.text(bytes));
    if (!text.empty()) tags.push_back({key, text});
  };
  field("DESCRIPTION", 256);
  field("ORIGINATOR", 32);
  field("ORIGINATOR_REFERENCE", 32);
  field("ORIGINATION_DATE", 10);
  field("ORIGINATION_TIME", 8);
  return tags;
}

}  // namespace tutti::io
