// SPDX-License-Identifier: Apache-2.0
// Levels and lengths, and the conversions between them.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace tutti {

/// Samples per channel. Signed, so that positions before the start of the timeline can be written.
using Frames = std::int64_t;

inline constexpr double kPi = 3.14159265358979323846264338327950288;
inline constexpr double kMinusInfinityDb = -std::numeric_limits<double>::infinity();

/// Amplitude ratio of a level: −inf dB is exactly 0.
inline double db_to_linear(double level_db) {
  return std::isinf(level_db) && level_db < 0 ? 0.0 : std::pow(10.0, level_db / 20.0);
}

/// Level of an amplitude ratio: 0 is −inf dB, the sign is ignored.
inline double linear_to_db(double ratio) {
  return ratio == 0.0 ? kMinusInfinityDb : 20.0 * std::log10(std::abs(ratio));
}

/// Level of a power ratio: 0 is −inf dB.
inline double power_to_db(double ratio) {
  return ratio <= 0.0 ? kMinusInfinityDb : 10.0 * std::log10(ratio);
}

/// Nearest whole number of frames in a time; ties away from zero.
inline Frames seconds_to_frames(double time_s, double sample_rate_hz) {
  return static_cast<Frames>(std::llround(time_s * sample_rate_hz));
}

/// Nearest whole number of frames in a time; ties away from zero.
inline Frames ms_to_frames(double time_ms, double sample_rate_hz) {
  return static_cast<Frames>(std::llround(time_ms * 1e-3 * sample_rate_hz));
}

/// The pole of a one-pole smoother that covers 1 − 1/e (63 %) of a step in `time_ms`; 0 ms is 0.
inline double time_constant_pole(double time_ms, double sample_rate_hz) {
  return time_ms <= 0.0 ? 0.0 : std::exp(-1.0 / (time_ms * 1e-3 * sample_rate_hz));
}

}  // namespace tutti
