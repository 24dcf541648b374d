// SPDX-License-Identifier: Apache-2.0
// Quantities as typed on a command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/session/model.hpp"

namespace tutti::cli {

/// "4GiB", "512MiB", "1.5GB", "800000000": KiB, MiB, GiB, TiB are powers of 1024, KB, MB, GB, TB of
/// 1000, a bare number is bytes. Throws UsageError.
std::uint64_t parse_size_bytes(const std::string& text);

/// A time as a session writes it, not negative. Throws UsageError.
TimeSpec parse_time(const std::string& text);

struct TimeRange {
  std::optional<TimeSpec> start, end;
};

/// "A..B", "A.." or "..B". Throws UsageError.
TimeRange parse_time_range(const std::string& text);

/// "A,B,C" to its names. A text that is one of `known` as a whole stays whole, so names with commas
/// can be given one by one.
std::vector<std::string> split_names(const std::vector<std::string>& texts,
                                     const std::vector<std::string>& known);

}  // namespace tutti::cli
