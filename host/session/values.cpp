// SPDX-License-Identifier: Apache-2.0
#include "host/session/values.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "host/session/text.hpp"

namespace tutti {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Bounds at or beyond this stand for "no bound" in messages.
constexpr double kEndless = 1e6;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Length of the decimal number at the start of the text, 0 if there is none.
std::size_t decimal_length(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t from = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i - from;
  };
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  std::size_t count = digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    count += digits();
  }
  if (count == 0) return 0;
  const std::size_t mantissa_end = i;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (digits() == 0) i = mantissa_end;
  }
  return i;
}

/// Value of text that is a decimal number; infinite when it is too large for a double.
double decimal_value(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec == std::errc::result_out_of_range) {
    const bool tiny = text.find("e-") != std::string_view::npos ||
                      text.find("E-") != std::string_view::npos ||
                      text.find_first_of("eE") == std::string_view::npos;
    return tiny ? 0 : text.starts_with('-') ? -kInfinity : kInfinity;
  }
  return value;
}

std::optional<double> infinity_of(std::string_view text) {
  const double sign = text.starts_with('-') ? -1 : 1;
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with('.')) text.remove_prefix(1);
  if (text == "inf" || text == "Inf" || text == "INF") return sign * kInfinity;
  return {};
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

/// What to write instead of a number with its unit.
std::string hint_for_unit(std::string_view number, std::string_view unit, std::string_view key) {
  const std::size_t bar = key.rfind('_');
  const std::string_view key_unit = bar == std::string_view::npos ? "" : key.substr(bar + 1);
  std::string small = lower(unit);
  double factor = 1;
  if (small == "k" || small == "khz") {
    small = "hz";
    factor = 1000;
  } else if (small == "s" && key_unit == "ms") {
    small = "ms";
    factor = 1000;
  }
  if (key_unit.empty()) return "write the number alone";
  if (small != key_unit) {
    return "the key's name says the unit, " + std::string(key_unit) + "; write the number alone";
  }
  return "the unit is in the key's name: write " + text::number(decimal_value(number) * factor);
}

std::string hint_for_text(std::string_view text, std::size_t decimal, std::string_view key) {
  if (decimal == 0) return {};
  const std::string_view rest = text.substr(decimal);
  const std::string_view unit = rest.substr(std::min(rest.find_first_not_of(" \t"), rest.size()));
  if (unit.starts_with('_')) return "write the number without underscores";
  if (unit.starts_with(',')) return "write decimals with a point";
  const bool is_unit = !unit.empty() && (is_letter(unit.front()) || unit.front() == '%');
  return is_unit ? hint_for_unit(text.substr(0, decimal), unit, key) : std::string();
}

}  // namespace

std::optional<std::uint64_t> read_whole_number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x")) base = 16;
  if (text.starts_with("0o")) base = 8;
  if (base != 10) text.remove_prefix(2);
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value, base);
  if (parsed.ec != std::errc() || parsed.ptr != end) return {};
  return value;
}

NumberText read_number(std::string_view text, std::string_view key) {
  NumberText out;
  out.value = infinity_of(text);
  if (out.value) return out;
  if (text.starts_with("0x") || text.starts_with("0o")) {
    if (const auto whole = read_whole_number(text)) out.value = static_cast<double>(*whole);
    if (!out.value)
      out.hint = text[1] == 'x' ? "hexadecimal digits follow 0x" : "octal digits follow 0o";
    return out;
  }
  std::string_view digits = text;
  if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
  const std::size_t length = decimal_length(text);
  const std::string small = lower(digits.substr(0, 8));
  if (length == 0 || length != text.size()) {
    out.not_a_number = small == ".nan" || small == "nan";
    out.hint = hint_for_text(text, length, key);
  } else if (digits.size() > 1 && digits[0] == '0' && is_digit(digits[1])) {
    out.hint = "write the number without a leading zero: some readers take it for octal";
  } else {
    out.value = decimal_value(text);
  }
  return out;
}

namespace {

constexpr std::string_view kTimeHint =
    "times are seconds (12.5), \"m:ss.mmm\", \"h:mm:ss.mmm\" or samples (\"480000 smp\")";

/// The fields of "h:mm:ss.mmm", all but the last whole numbers, all but the first below 60.
std::optional<double> clock_seconds(std::string_view text) {
  double total = 0;
  for (int field = 0; field < 3; ++field) {
    const std::size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    const bool last = colon == std::string_view::npos;
    const bool whole = std::all_of(part.begin(), part.end(), is_digit);
    if (part.empty() || !is_digit(part.front()) || decimal_length(part) != part.size()) return {};
    if (part.find_first_of("eE") != std::string_view::npos || (!last && !whole)) return {};
    const double value = decimal_value(part);
    if (field > 0 && value >= 60) return {};
    total = total * 60 + value;
    if (last) return total;
    text.remove_prefix(colon + 1);
  }
  return {};
}

std::optional<TimeSpec> samples_of(std::string_view text) {
  if (!text.ends_with("smp")) return {};
  text.remove_suffix(3);
  while (text.ends_with(' ')) text.remove_suffix(1);
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  const bool whole = std::all_of(text.begin() + sign, text.end(), is_digit);
  if (text.size() == sign || text.size() > 18 || !whole) return {};
  return TimeSpec{decimal_value(text), true};
}

}  // namespace

TimeText read_time(std::string_view text) {
  // A session runs at up to 384 kHz.
  constexpr double kMaximumSamples = kMaximumTimeS * 384000;
  std::optional<TimeSpec> time = samples_of(text);
  if (!time) {
    if (const NumberText number = read_number(text); number.value) {
      time = TimeSpec{*number.value, false};
    } else {
      const bool negative = text.starts_with('-');
      const auto clock = clock_seconds(negative ? text.substr(1) : text);
      if (clock) time = TimeSpec{negative ? -*clock : *clock, false};
    }
  }
  if (!time) return {{}, std::string(kTimeHint)};
  const double most = time->in_samples ? kMaximumSamples : kMaximumTimeS;
  if (std::abs(time->value) > most) return {{}, "the longest time is 10 million seconds"};
  return {time, {}};
}

std::string describe(const yaml::Node& node) {
  switch (node.kind) {
    case yaml::NodeKind::null:
      return "nothing";
    case yaml::NodeKind::list:
      return node.entry_count > 0 ? "a list" : "an empty list";
    case yaml::NodeKind::map:
      return node.entry_count > 0 ? "a map" : "an empty map";
    case yaml::NodeKind::scalar:
      break;
  }
  if (!node.quoted && (node.text == "true" || node.text == "false")) return text::quoted(node.text);
  if (!node.quoted && read_number(node.text).value) {
    return "the number " + text::printable(node.text, 40);
  }
  return "text " + text::quoted(node.text);
}

std::string describe(const NumberRange& range) {
  const bool open_below = range.minimum <= -kEndless;
  const bool open_above = range.maximum >= kEndless;
  std::string out;
  if (open_below && open_above) {
    out = "finite";
  } else if (open_above) {
    out = "at least " + text::number(range.minimum);
  } else if (open_below) {
    out = "at most " + text::number(range.maximum);
  } else {
    out = "between " + text::number(range.minimum) + " and " + text::number(range.maximum);
  }
  if (range.minus_infinity) out += ", or -inf";
  return out;
}

bool contains(const NumberRange& range, double value) {
  if (std::isinf(value)) return value < 0 ? range.minus_infinity : range.plus_infinity;
  return value >= range.minimum && value <= range.maximum;
}

}  // namespace tutti
