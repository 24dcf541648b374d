// SPDX-License-Identifier: Apache-2.0
// Numbers and times as a session writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/dsp/fields.hpp"
#include "host/session/document.hpp"

namespace tutti {

/// What a text is as a number, and what to say when it is none.
struct NumberText {
  std::optional<double> value;  ///< may be infinite, never NaN
  bool not_a_number = false;    ///< it says NaN
  std::string hint;
};

/// Numbers: `-3`, `.5`, `1e3`, `0x10`, `0o7`, `inf`, `-inf`, `.inf`, `-.inf`. Underscores, leading
/// zeros, units and not-a-number are refused with a hint; `key` is the key of the value, whose name
/// has the unit.
NumberText read_number(std::string_view text, std::string_view key = {});

/// A whole number from 0 to 2^64 − 1: `12`, `0x10`, `0o7`.
std::optional<std::uint64_t> read_whole_number(std::string_view text);

struct TimeText {
  std::optional<TimeSpec> value;
  std::string hint;
};

/// Seconds (`12.5`), `m:ss.mmm`, `h:mm:ss.mmm`, or samples (`480000 smp`); may be negative.
/// No longer than kMaximumTimeS.
TimeText read_time(std::string_view text);

/// About four months: far beyond any programme, far below where frames at any rate overflow.
inline constexpr double kMaximumTimeS = 1e7;

/// What stands there, for "expected …, found …": "a list", "nothing", "text `abc`", "the number 3".
std::string describe(const yaml::Node& node);

/// "between 1 and 24", "at least 0", with "or -inf" where that is allowed.
std::string describe(const NumberRange& range);

bool contains(const NumberRange& range, double value);

}  // namespace tutti
