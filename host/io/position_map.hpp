// SPDX-License-Identifier: Apache-2.0
// Where a frame of the input is in the output.
#pragma once

#include <cstdint>
#include <optional>

#include "host/io/encode.hpp"

namespace tutti::io {

/// Positions move by what was trimmed and scale with the rate, to the nearest frame. Exact for
/// every 64-bit position: rates of files are whole numbers.
class PositionMap {
 public:
  explicit PositionMap(const WriteSpec& spec);

  /// A position in the output; none if it was trimmed away or lies behind the end. The end itself
  /// is a position: markers stand there.
  std::optional<std::uint64_t> position(std::uint64_t input_frames) const;
  /// A count of frames; none if 64 bits do not hold it.
  std::optional<std::uint64_t> length(std::uint64_t input_frames) const;
  /// A time of day in samples, which grows by what was trimmed.
  std::optional<std::uint64_t> time_reference(std::uint64_t input_frames) const;

  bool unchanged() const { return from_hz_ == to_hz_ && trimmed_frames_ == 0; }
  bool same_rate() const { return from_hz_ == to_hz_; }
  std::uint64_t to_rate_hz() const { return to_hz_; }
  Frames frames() const { return frames_; }

 private:
  std::uint64_t from_hz_;
  std::uint64_t to_hz_;
  Frames trimmed_frames_;
  Frames frames_;  ///< of the output; 0: not known
};

}  // namespace tutti::io
