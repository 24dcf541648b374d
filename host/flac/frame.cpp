// SPDX-License-Identifier: Apache-2.0
#include "host/flac/frame.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <utility>

#include "host/flac/crc.hpp"
#include "host/flac/flac_kernels.hpp"

namespace tutti::flac {
namespace {

/// A number in a header: a code, and bits that follow it at the header's end.
struct Coded {
  std::uint64_t code = 0;
  std::uint64_t rest = 0;
  int rest_bits = 0;
};

Coded long_frames(int frames) { return {7, static_cast<std::uint64_t>(frames - 1), 16}; }

Coded coded_frames(int frames) {
  const auto count = static_cast<unsigned>(frames);
  if (frames >= 256 && std::has_single_bit(count))
    return {static_cast<std::uint64_t>(std::countr_zero(count)), 0, 0};
  if (frames > 256) return long_frames(frames);
  return {6, static_cast<std::uint64_t>(frames - 1), 8};
}

/// Whether a frame of constant channels may come to 10 bytes: 6 of header, a type and a sample, 2
/// of checksum. FFmpeg takes frames below 11 for noise between frames, and passes over them.
bool may_be_too_short(const StreamFormat& format) {
  return format.channels == 1 && format.sample_bits == 8;
}

Coded coded_rate(std::int64_t rate_hz) {
  const auto known = std::find(kRates_hz.begin() + 1, kRates_hz.end(), rate_hz);
  if (known != kRates_hz.end())
    return {static_cast<std::uint64_t>(known - kRates_hz.begin()), 0, 0};
  const auto rate = static_cast<std::uint64_t>(rate_hz);
  if (rate % 1000 == 0 && rate / 1000 < 256) return {kRateIn1000Hz, rate / 1000, 8};
  if (rate < 65536) return {kRateInHz, rate, 16};
  if (rate % 10 == 0 && rate / 10 < 65536) return {kRateIn10Hz, rate / 10, 16};
  return {};  // as the header of the stream says
}

std::uint64_t coded_bits(int sample_bits) {
  for (const auto& [bits, code] : kSampleBits)
    if (bits == sample_bits) return code;
  return 0;
}

/// As UTF-8 codes a character, up to 36 bits.
void put_utf8(std::uint64_t number, BitWriter& out) {
  if (number < 0x80) return out.put(number, 8);
  int more = 1;  // bytes behind the first, which has 6 - more bits
  while (number >> (6 * more + 6 - more) != 0) ++more;
  out.put((0xff00u >> (more + 1) & 0xff) | number >> (6 * more), 8);
  for (int byte = more - 1; byte >= 0; --byte) out.put(0x80 | (number >> (6 * byte) & 0x3f), 8);
}

enum Channel { kLeft, kRight, kMid, kSide };

struct StereoForm {
  unsigned code;
  Channel first, second;
};
constexpr std::array<StereoForm, 4> kStereoForms = {{{1, kLeft, kRight},
                                                     {kLeftAndSide, kLeft, kSide},
                                                     {kSideAndRight, kSide, kRight},
                                                     {kMidAndSide, kMid, kSide}}};

using ChannelBits = std::array<std::uint64_t, 4>;
constexpr std::uint64_t kUnknownBits = UINT64_MAX / 2;

std::uint64_t bits_of(const StereoForm& form, const ChannelBits& bits) {
  return bits[form.first] + bits[form.second];
}

// The second fixed predictor says little of noise, which is what is left of quiet music: below so
// many bits a frame nothing is left out. Above, forms within one bit in eight frames are.
constexpr std::uint64_t kQuietBits = 12, kDoubtfulFrames = 8;

/// The channels of those forms that may turn out the smallest, by what the second fixed predictor
/// leaves. All four would cost a quarter more time, for 0.01 % fewer bytes.
std::array<bool, 4> worth_analysing(const std::int32_t* left, const std::int32_t* right,
                                    int frames) {
  constexpr std::array<bool, 4> kAll = {true, true, true, true};
  if (frames < 16) return kAll;
  const auto count = static_cast<std::uint64_t>(frames);
  const std::array<double, 4> means = second_differences(left, right, frames);
  ChannelBits bits;
  for (std::size_t i = 0; i < bits.size(); ++i)
    bits[i] = rice_bits(2 * static_cast<std::uint64_t>(means[i] * frames), count);
  std::uint64_t fewest = kUnknownBits;
  for (const StereoForm& form : kStereoForms) fewest = std::min(fewest, bits_of(form, bits));
  if (fewest < kQuietBits * count) return kAll;
  std::array<bool, 4> worth_it{};
  for (const StereoForm& form : kStereoForms) {
    if (bits_of(form, bits) > fewest + count / kDoubtfulFrames) continue;
    worth_it[form.first] = worth_it[form.second] = true;
  }
  return worth_it;
}

}  // namespace

// The difference of channels of 32 bits has 33: those stay as they are.
FrameEncoder::FrameEncoder(const StreamFormat& format) : format_(format), workspace_(kBlockFrames) {
  assert(format.channels >= 1 && format.channels <= 8);
  const bool pair = format.channels == 2 && format.sample_bits < 32;
  for (int i = 0; i < (pair ? 4 : 1); ++i) subframes_.emplace_back(kBlockFrames);
  if (!pair) return;
  mid_.resize(kBlockFrames);
  side_.resize(kBlockFrames);
}

std::span<const std::uint8_t> FrameEncoder::encode(BasicBlockView<const std::int32_t> block,
                                                   std::uint64_t number) {
  assert(block.channels == format_.channels && block.frames >= 1 && block.frames <= kBlockFrames);
  bits_.clear();
  bits_.reserve_bits(8 * 16);
  if (subframes_.size() == 4) {
    encode_pair(block, number);
  } else {
    encode_channels(block, number);
  }
  bits_.reserve_bits(32);
  bits_.align();
  bits_.put(crc16(bits_.bytes()), 16);
  return bits_.bytes();
}

void FrameEncoder::encode_channels(BasicBlockView<const std::int32_t> block, std::uint64_t number) {
  const int frames = static_cast<int>(block.frames);
  write_header(frames, static_cast<unsigned>(format_.channels - 1), number);
  for (int c = 0; c < block.channels; ++c) {
    subframes_[0].analyse(block.channel(c), frames, format_.sample_bits, workspace_);
    subframes_[0].write(bits_);
  }
}

void FrameEncoder::encode_pair(BasicBlockView<const std::int32_t> block, std::uint64_t number) {
  const int frames = static_cast<int>(block.frames);
  const std::int32_t* left = block.channel(0);
  const std::int32_t* right = block.channel(1);
  for (int n = 0; n < frames; ++n) {
    mid_[static_cast<std::size_t>(n)] = (left[n] + right[n]) >> 1;
    side_[static_cast<std::size_t>(n)] = left[n] - right[n];
  }
  const std::array<const std::int32_t*, 4> samples = {left, right, mid_.data(), side_.data()};
  const std::array<bool, 4> worth_it = worth_analysing(left, right, frames);
  ChannelBits bits;
  bits.fill(kUnknownBits);
  for (std::size_t i = 0; i < 4; ++i) {
    const int sample_bits = format_.sample_bits + (i == kSide ? 1 : 0);
    if (worth_it[i]) bits[i] = subframes_[i].analyse(samples[i], frames, sample_bits, workspace_);
  }
  const StereoForm& best = *std::min_element(kStereoForms.begin(), kStereoForms.end(),
                                             [&](const StereoForm& a, const StereoForm& b) {
                                               return bits_of(a, bits) < bits_of(b, bits);
                                             });
  write_header(frames, best.code, number);
  subframes_[best.first].write(bits_);
  subframes_[best.second].write(bits_);
}

void FrameEncoder::write_header(int frames, unsigned channel_code, std::uint64_t number) {
  const Coded length = may_be_too_short(format_) ? long_frames(frames) : coded_frames(frames);
  const Coded rate = coded_rate(format_.sample_rate_hz);
  bits_.put(kFrameSign, 16);
  bits_.put(length.code, 4);
  bits_.put(rate.code, 4);
  bits_.put(channel_code, 4);
  bits_.put(coded_bits(format_.sample_bits), 3);
  bits_.put(0, 1);
  put_utf8(number, bits_);
  if (length.rest_bits > 0) bits_.put(length.rest, length.rest_bits);
  if (rate.rest_bits > 0) bits_.put(rate.rest, rate.rest_bits);
  bits_.put(crc8(bits_.bytes()), 8);
}

}  // namespace tutti::flac
