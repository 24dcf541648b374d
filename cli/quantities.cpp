// SPDX-License-Identifier: Apache-2.0
#include "cli/quantities.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "cli/command_line.hpp"
#include "host/report/terminal_text.hpp"
#include "host/session/values.hpp"

namespace tutti::cli {
namespace {

std::optional<double> plain_number(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  if (text.empty() || text.front() == '-' || text.front() == '+') return std::nullopt;
  const auto result = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (result.ec != std::errc{} || result.ptr != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

[[noreturn]] void refuse(const std::string& text, const char* expected) {
  throw UsageError("\"" + printable(text) + "\" is not " + expected);
}

}  // namespace

std::uint64_t parse_size_bytes(const std::string& text) {
  struct Unit {
    std::string_view name;
    double bytes;
  };
  constexpr Unit kUnits[] = {
      {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}, {"TiB", 1099511627776.0},
      {"KB", 1e3},     {"MB", 1e6},        {"GB", 1e9},           {"TB", 1e12},
      {"B", 1.0},      {"", 1.0}};
  std::string_view number = without_blanks(text);
  double unit_bytes = 1;
  for (const Unit& unit : kUnits) {
    if (!number.ends_with(unit.name)) continue;
    number.remove_suffix(unit.name.size());
    unit_bytes = unit.bytes;
    break;
  }
  const auto value = plain_number(without_blanks(number));
  constexpr double kLargestBytes = 9e18;  // fits 63 bits
  if (!value || *value <= 0 || *value * unit_bytes > kLargestBytes || *value * unit_bytes < 1)
    refuse(text, "a size such as 4GiB, 512MiB or 2GB");
  return static_cast<std::uint64_t>(*value * unit_bytes);
}

TimeSpec parse_time(const std::string& text) {
  const TimeText time = read_time(without_blanks(text));
  if (!time.value || time.value->value < 0)
    throw UsageError("\"" + printable(text) +
                     "\" is not a time: " + (time.hint.empty() ? "it is negative" : time.hint));
  return *time.value;
}

TimeRange parse_time_range(const std::string& text) {
  constexpr const char* kExpected = "a range such as 10..25.5, 1:00.. or ..30";
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos || text == "..") refuse(text, kExpected);
  TimeRange range;
  if (dots > 0) range.start = parse_time(text.substr(0, dots));
  if (dots + 2 < text.size()) range.end = parse_time(text.substr(dots + 2));
  if (range.start && range.end && range.start->in_samples == range.end->in_samples &&
      range.end->value <= range.start->value)
    refuse(text, "a range: its end is not after its start");
  return range;
}

std::vector<std::string> split_names(const std::vector<std::string>& texts,
                                     const std::vector<std::string>& known) {
  std::vector<std::string> names;
  for (const std::string& text : texts) {
    std::string_view rest = text;
    while (!rest.empty()) {
      const bool whole = std::find(known.begin(), known.end(), rest) != known.end();
      const std::size_t comma = whole ? std::string_view::npos : rest.find(',');
      const std::string_view name = without_blanks(rest.substr(0, comma));
      if (!name.empty()) names.emplace_back(name);
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
  }
  return names;
}

}  // namespace tutti::cli
