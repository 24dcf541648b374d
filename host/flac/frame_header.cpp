// SPDX-License-Identifier: Apache-2.0
#include "host/flac/frame_header.hpp"

#include <algorithm>
#include <bit>

#include "host/flac/bit_reader.hpp"
#include "host/flac/crc.hpp"

namespace tutti::flac {
namespace {

/// A number coded as UTF-8 codes a character, up to 31 bits; none where it is not.
std::optional<std::uint64_t> take_utf8(BitReader& in) {
  const auto first = static_cast<std::uint8_t>(in.take(8));
  const int ones = std::countl_one(first);
  if (ones == 0) return first;
  if (ones == 1 || ones > 6) return std::nullopt;
  std::uint64_t number = first & (0x7fu >> ones);
  for (int i = 1; i < ones; ++i) {
    if (in.take(2) != 2) return std::nullopt;
    number = number << 6 | in.take(6);
  }
  return number;
}

/// 0: reserved.
int take_frames(BitReader& in, unsigned code) {
  if (code == 0) return 0;
  if (code == 1) return 192;
  if (code <= 5) return 576 << (code - 2);
  if (code >= 8) return 256 << (code - 8);
  return static_cast<int>(in.take(code == 6 ? 8 : 16)) + 1;
}

bool take_rate(BitReader& in, unsigned code, std::int64_t wanted_hz) {
  if (code == 0) return true;
  if (code < kRates_hz.size()) return kRates_hz[code] == wanted_hz;
  if (code == kRateIn1000Hz) return 1000 * static_cast<std::int64_t>(in.take(8)) == wanted_hz;
  if (code == kRateInHz) return static_cast<std::int64_t>(in.take(16)) == wanted_hz;
  return code == kRateIn10Hz && 10 * static_cast<std::int64_t>(in.take(16)) == wanted_hz;
}

bool has_channels(unsigned code, int wanted) {
  return code < kLeftAndSide ? static_cast<int>(code) + 1 == wanted
                             : code <= kMidAndSide && wanted == 2;
}

bool has_bits(unsigned code, int wanted) {
  return code == 0 || std::find(kSampleBits.begin(), kSampleBits.end(), std::pair(wanted, code)) !=
                          kSampleBits.end();
}

}  // namespace

std::optional<FrameHeader> read_frame_header(std::span<const std::uint8_t> bytes,
                                             const StreamFormat& format) {
  BitReader in(bytes);
  if (in.take(16) != kFrameSign) return std::nullopt;
  const auto length_code = static_cast<unsigned>(in.take(4));
  const auto rate_code = static_cast<unsigned>(in.take(4));
  FrameHeader header;
  header.channel_code = static_cast<unsigned>(in.take(4));
  const auto bits_code = static_cast<unsigned>(in.take(3));
  if (in.take(1) != 0) return std::nullopt;
  const auto number = take_utf8(in);
  if (!number) return std::nullopt;
  header.number = *number;
  header.frames = take_frames(in, length_code);
  const bool fits = take_rate(in, rate_code, format.sample_rate_hz) &&
                    has_channels(header.channel_code, format.channels) &&
                    has_bits(bits_code, format.sample_bits);
  if (header.frames == 0 || !fits || !in.ok()) return std::nullopt;
  const std::size_t checked = in.taken_bytes();
  if (crc8(bytes.first(checked)) != in.take(8) || !in.ok()) return std::nullopt;
  header.bytes = checked + 1;
  return header;
}

}  // namespace tutti::flac
