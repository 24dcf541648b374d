// SPDX-License-Identifier: Apache-2.0
// Streams of drawn frames, and what is demanded of whoever decodes them.
#pragma once

#include <hwy/targets.h>

#include "host/flac/crc.hpp"
#include "tests/flac/decoded_frames.hpp"
#include "tests/flac/drawn_subframe.hpp"

namespace tutti::test {

struct DrawnStream {
  flac::StreamFormat format;
  int block_frames = 0;
  std::uint64_t first_number = 0;
  std::uint8_t spare = 0;  ///< what stands behind the file
  std::vector<std::uint8_t> file;
  bool lawful = true;  ///< it has to be decoded to `samples`
  Signal samples;
};

/// As a character is coded, with more bytes than it needs if `longer`.
inline void put_utf8(Drawing& draw, std::uint64_t number, int longer) {
  int more = 0;  // bytes behind the first
  while (more < 5 && number >> (more == 0 ? 7 : 6 + 5 * more) != 0) ++more;
  if (longer > 0) more = std::min(5, more + longer);
  const unsigned ones = more == 0 ? 0 : 0xffu << (7 - more) & 0xff;
  draw.put(ones | number >> 6 * more, 8);
  for (int i = more - 1; i >= 0; --i) draw.put(0x80 | (number >> 6 * i & 0x3f), 8);
}

/// One of the codes that say it, and what follows the header.
struct Coded {
  unsigned code = 0;
  int width = 0;
  std::int64_t value = 0;
};

inline Coded draw_length(Drawing& draw, int frames) {
  std::vector<Coded> all = {{7, 16, frames - 1}};
  if (frames <= 256) all.push_back({6, 8, frames - 1});
  if (frames == 192) all.push_back({1, 0, 0});
  for (unsigned k = 0; k < 4; ++k)
    if (frames == 576 << k) all.push_back({2 + k, 0, 0});
  for (unsigned k = 0; k < 8; ++k)
    if (frames == 256 << k) all.push_back({8 + k, 0, 0});
  return all[static_cast<std::size_t>(draw.in.below(static_cast<int>(all.size())))];
}

inline Coded draw_rate(Drawing& draw, std::int64_t rate_hz) {
  std::vector<Coded> all = {{0, 0, 0}};
  for (unsigned code = 1; code < flac::kRates_hz.size(); ++code)
    if (flac::kRates_hz[code] == rate_hz) all.push_back({code, 0, 0});
  if (rate_hz % 1000 == 0 && rate_hz < 256000) all.push_back({12, 8, rate_hz / 1000});
  if (rate_hz < 65536) all.push_back({13, 16, rate_hz});
  if (rate_hz % 10 == 0 && rate_hz < 655360) all.push_back({14, 16, rate_hz / 10});
  return all[static_cast<std::size_t>(draw.in.below(static_cast<int>(all.size())))];
}

inline unsigned draw_bits_code(Drawing& draw, int bits) {
  for (const auto& [width, code] : flac::kSampleBits)
    if (width == bits && draw.in.below(2) == 0) return code;
  return 0;
}

inline void draw_header(Drawing& draw, const DrawnStream& stream, int frames, unsigned channel_code,
                        std::uint64_t number) {
  const std::size_t begin = draw.out.bytes().size();
  Coded length = draw_length(draw, frames);
  Coded rate = draw_rate(draw, stream.format.sample_rate_hz);
  unsigned bits_code = draw_bits_code(draw, stream.format.sample_bits);
  if (draw.odd(100)) length.code = draw.in.number(1);
  if (draw.odd(100)) rate.code = draw.in.number(1);
  if (draw.odd(100)) bits_code = draw.in.number(1);
  if (draw.odd(100)) channel_code = draw.in.number(1);
  if (draw.odd(100)) number = draw.in.number(4) & 0x7fffffff;
  draw.put(draw.odd(200) ? 0xff00 | draw.in.number(1) : 0xfff8, 16);
  draw.put(length.code, 4);
  draw.put(rate.code, 4);
  draw.put(channel_code, 4);
  draw.put(bits_code, 3);
  draw.put(draw.odd(200) ? 1 : 0, 1);
  put_utf8(draw, number, draw.odd(100) ? draw.in.below(6) : 0);
  for (const Coded& coded : {length, rate})
    if (coded.width > 0) draw.put(static_cast<std::uint64_t>(coded.value), coded.width);
  const unsigned checksum = flac::crc8(draw.out.bytes().subspan(begin));
  draw.put(draw.odd(200) ? draw.in.number(1) : checksum, 8);
}

/// The channels of a block as its code has them.
inline void couple(Signal& block, unsigned code) {
  if (code < flac::kLeftAndSide) return;
  for (std::size_t n = 0; n < block[0].size(); ++n) {
    const std::int32_t left = block[0][n], right = block[1][n];
    if (code != flac::kLeftAndSide) block[0][n] = left - right;
    if (code != flac::kSideAndRight) block[1][n] = left - right;
    if (code == flac::kMidAndSide) block[0][n] = (left + right) >> 1;
  }
}

inline void draw_frame(Drawing& draw, DrawnStream& stream, int frames, std::uint64_t number) {
  const auto& format = stream.format;
  const std::size_t begin = draw.out.bytes().size();
  unsigned code = static_cast<unsigned>(format.channels - 1);
  if (format.channels == 2 && draw.in.below(3) > 0)
    code = flac::kLeftAndSide + static_cast<unsigned>(draw.in.below(3));
  draw_header(draw, stream, frames, code, number);
  const bool apart = draw.odd(4);  // what does not belong together need not fit when it is joined
  const auto bits_of = [&](int c) {
    const int side = code < flac::kLeftAndSide ? -1 : code == flac::kSideAndRight ? 0 : 1;
    return format.sample_bits + (c == side ? 1 : 0);
  };
  Signal block;
  for (int c = 0; c < format.channels; ++c)
    block.push_back(draw_samples(draw, apart ? bits_of(c) : format.sample_bits, frames));
  for (std::size_t c = 0; c < block.size(); ++c)
    stream.samples[c].insert(stream.samples[c].end(), block[c].begin(), block[c].end());
  if (!apart) couple(block, code);
  for (int c = 0; c < format.channels; ++c)
    draw_subframe(draw, block[static_cast<std::size_t>(c)], bits_of(c));
  draw.align();
  const unsigned checksum = flac::crc16(draw.out.bytes().subspan(begin));
  draw.put(draw.odd(100) ? draw.in.number(2) : checksum, 16);
}

inline int draw_block_frames(Input& in) {
  constexpr std::array<int, 16> kEdges = {16,  17,  31,  32,   33,   63,   64,   65,
                                          192, 255, 256, 1024, 1152, 4096, 4608, 65535};
  const int which = in.below(64);
  if (which < 16) return kEdges[static_cast<std::size_t>(which)];
  return 16 + static_cast<int>(in.number(which < 60 ? 1 : 2) % 65520);
}

inline DrawnStream draw_stream(Input& in) {
  constexpr std::array<std::int64_t, 12> kRates_hz = {44100, 48000,  88200,  96000,  192000, 8000,
                                                      12345, 220000, 655350, 700001, 1,      22000};
  Drawing draw{in, in.below(3) > 0};
  DrawnStream stream;
  auto& format = stream.format;
  format.channels = in.below(2) == 0 ? 2 : 1 + in.below(8);
  format.sample_bits = in.below(2) == 0 ? 8 * (1 + in.below(3)) : 4 + in.below(21);
  format.sample_rate_hz = kRates_hz[static_cast<std::size_t>(in.below(12))];
  stream.block_frames = draw_block_frames(in);
  if (in.below(8) == 1) stream.first_number = in.number(4) & 0x7fffff00;
  stream.spare = static_cast<std::uint8_t>(in.number(1));
  stream.samples.resize(static_cast<std::size_t>(format.channels));
  const int most_blocks = std::clamp(60000 / (stream.block_frames * format.channels), 1, 20);
  const int blocks = 1 + in.below(most_blocks);
  for (int i = 0; i < blocks; ++i) {
    const bool shorter = draw.odd(40) || (i == blocks - 1 && in.below(2) == 1);
    const int frames =
        shorter ? 1 + static_cast<int>(in.number(2)) % stream.block_frames : stream.block_frames;
    draw_frame(draw, stream, frames, stream.first_number + static_cast<unsigned>(i));
    if (draw.odd(60)) draw.put(in.number(4), 8 * (1 + in.below(4)));
  }
  stream.file = stream_head(format, stream.block_frames);
  const std::size_t head = stream.file.size();
  stream.file.insert(stream.file.end(), draw.out.bytes().begin(), draw.out.bytes().end());
  if (draw.odd(16)) stream.file.resize(head + in.number(4) % (stream.file.size() - head + 1));
  if (draw.odd(16) && stream.file.size() > head)
    stream.file[head + in.number(4) % (stream.file.size() - head)] ^=
        static_cast<std::uint8_t>(1 << in.below(8));
  stream.lawful = draw.lawful;
  return stream;
}

struct Verdict {
  std::string fault;
  std::size_t frames = 0;  ///< that were accepted
};

/// What is accepted is what libFLAC finds, and all of what is lawful; the same on every one of the
/// `targets`.
inline Verdict judge(const DrawnStream& stream, const std::vector<std::int64_t>& targets) {
  const auto decode = [&] {
    return decode_frames(stream.format, stream.file, stream.first_number, stream.spare);
  };
  const DecodedFrames ours = decode();
  Verdict verdict = {{}, ours.samples[0].size()};
  for (const std::int64_t target : targets) {
    hwy::SetSupportedTargetsForTest(target);
    const DecodedFrames other = decode();
    hwy::SetSupportedTargetsForTest(0);
    if (other.samples != ours.samples || other.bytes_left != ours.bytes_left)
      verdict.fault = std::string("another result on ") + hwy::TargetName(target);
  }
  if (stream.lawful && (ours.bytes_left > 0 || ours.samples != stream.samples))
    verdict.fault = "a lawful stream was not decoded";
  if (verdict.frames == 0) return verdict;
  const Decoded library = decode_stream(
      {stream.file.begin(), stream.file.end() - static_cast<std::ptrdiff_t>(ours.bytes_left)});
  if (!library.error.empty())
    verdict.fault = "libFLAC says: " + library.error;
  else if (library.samples != ours.samples)
    verdict.fault = "libFLAC finds other samples";
  return verdict;
}

}  // namespace tutti::test
