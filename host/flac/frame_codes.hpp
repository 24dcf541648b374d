// SPDX-License-Identifier: Apache-2.0
// What all frames of a stream have in common, and how their headers say it [RFC 9639, 9.1].
#pragma once

#include <array>
#include <cstdint>
#include <utility>

namespace tutti::flac {

struct StreamFormat {
  int channels = 2;      ///< 1 to 8
  int sample_bits = 16;  ///< 8, 16, 24 or 32 are written, 4 to 24 read
  std::int64_t sample_rate_hz = 44100;
};

inline constexpr unsigned kFrameSign = 0xfff8;  ///< of a stream whose blocks are equally long

/// By code; 0: as the header of the stream says.
inline constexpr std::array<std::int64_t, 12> kRates_hz = {
    0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000};
/// The codes of those that are written behind the header instead.
inline constexpr unsigned kRateIn1000Hz = 12, kRateInHz = 13, kRateIn10Hz = 14;

/// Bits of a sample, and the code; 0: as the header of the stream says.
inline constexpr std::array<std::pair<int, unsigned>, 6> kSampleBits = {
    {{8, 1}, {12, 2}, {16, 4}, {20, 5}, {24, 6}, {32, 7}}};

/// The codes of pairs; below are those of as many channels, less one, each on its own.
enum StereoCode : unsigned { kLeftAndSide = 8, kSideAndRight = 9, kMidAndSide = 10 };

}  // namespace tutti::flac
