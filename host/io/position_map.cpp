// SPDX-License-Identifier: Apache-2.0
#include "host/io/position_map.hpp"

#include <cmath>
#include <limits>

namespace tutti::io {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

std::uint64_t whole_rate(double rate_hz, double otherwise_hz) {
  const double rate = rate_hz >= 1 && rate_hz <= 4e9 ? rate_hz : otherwise_hz;
  return static_cast<std::uint64_t>(std::llround(rate));
}

}  // namespace

PositionMap::PositionMap(const WriteSpec& spec)
    : from_hz_(0),
      to_hz_(whole_rate(spec.metadata_change.to_rate_hz, spec.sample_rate_hz)),
      trimmed_frames_(spec.metadata_change.trimmed_frames),
      frames_(spec.metadata_change.frames > 0 ? spec.metadata_change.frames
                                              : spec.expected_frames) {
  from_hz_ = whole_rate(spec.metadata_change.from_rate_hz, static_cast<double>(to_hz_));
}

std::optional<std::uint64_t> PositionMap::length(std::uint64_t input_frames) const {
  if (same_rate()) return input_frames;
  // Whole seconds and the rest apart: no product leaves 64 bits unless the result does.
  const std::uint64_t seconds = input_frames / from_hz_;
  const std::uint64_t rest = ((input_frames % from_hz_) * to_hz_ + from_hz_ / 2) / from_hz_;
  if (seconds > (kMost - rest) / to_hz_) return std::nullopt;
  return seconds * to_hz_ + rest;
}

std::optional<std::uint64_t> PositionMap::position(std::uint64_t input_frames) const {
  std::uint64_t moved = input_frames;
  if (trimmed_frames_ >= 0) {
    const auto trimmed = static_cast<std::uint64_t>(trimmed_frames_);
    if (input_frames < trimmed) return std::nullopt;
    moved -= trimmed;
  } else {
    const std::uint64_t added = 0 - static_cast<std::uint64_t>(trimmed_frames_);
    if (input_frames > kMost - added) return std::nullopt;
    moved += added;
  }
  const auto scaled = length(moved);
  if (scaled && frames_ > 0 && *scaled > static_cast<std::uint64_t>(frames_)) return std::nullopt;
  return scaled;
}

std::optional<std::uint64_t> PositionMap::time_reference(std::uint64_t input_frames) const {
  const auto by = static_cast<std::uint64_t>(trimmed_frames_);  // wraps as a negative number does
  if (trimmed_frames_ >= 0 && input_frames > kMost - by) return std::nullopt;
  if (trimmed_frames_ < 0 && input_frames < 0 - by) return 0;  // before midnight is not sayable
  return length(input_frames + by);
}

}  // namespace tutti::io
