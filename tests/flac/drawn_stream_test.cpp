// SPDX-License-Identifier: Apache-2.0
// Streams of which no encoder would think.
#include "tests/flac/drawn_stream.hpp"

#include <gmock/gmock.h>

namespace tutti::test {
namespace {

// Some ten thousand frames.
TEST(FlacDrawnStream, IsDecodedAsLibFlacDoesOrNotAtAll) {
  const auto targets = hwy::SupportedAndGeneratedTargets();
  std::size_t hostile = 0, accepted = 0, lawful = 0;
  for (unsigned seed = 1; seed <= 1500; ++seed) {
    std::minstd_rand random(seed);
    std::vector<std::uint8_t> programme(4000);
    for (auto& byte : programme) byte = static_cast<std::uint8_t>(random() >> 8);
    Input in(programme.data(), programme.size());
    const DrawnStream stream = draw_stream(in);
    const Verdict verdict = judge(stream, targets);
    ASSERT_EQ(verdict.fault, "") << seed;
    ++(stream.lawful ? lawful : hostile);
    if (!stream.lawful && verdict.frames > 0) ++accepted;
  }
  EXPECT_GT(lawful, 400u);
  EXPECT_GT(accepted, 250u) << "of " << hostile << " hostile ones";
}

/// One block of a pair of constants as they are coded.
DrawnStream pair_of(unsigned code, std::int32_t first, std::int32_t second) {
  Input in(nullptr, 0);
  Drawing draw{in, false};
  DrawnStream stream;
  stream.format = {2, 16, 44100};
  draw_header(draw, stream, 192, code, 0);
  draw_subframe(draw, Samples(192, first), code == flac::kSideAndRight ? 17 : 16);
  draw_subframe(draw, Samples(192, second), code == flac::kSideAndRight ? 16 : 17);
  draw.align();
  draw.put(flac::crc16(draw.out.bytes()), 16);
  stream.file = stream_head(stream.format, 192);
  stream.file.insert(stream.file.end(), draw.out.bytes().begin(), draw.out.bytes().end());
  return stream;
}

// Of 16 bits: libFLAC takes the frame for damaged.
TEST(FlacDrawnStream, IsLeftAloneWhereAPairHasNoRoomForItsSum) {
  const auto frames = [](unsigned code, std::int32_t first, std::int32_t second) {
    const DrawnStream stream = pair_of(code, first, second);
    return decode_frames(stream.format, stream.file).samples[0].size();
  };
  EXPECT_EQ(frames(flac::kLeftAndSide, -1, 32767), 192u);
  EXPECT_EQ(frames(flac::kLeftAndSide, -2, 32767), 0u);
  EXPECT_EQ(frames(flac::kSideAndRight, 32768, -1), 192u);
  EXPECT_EQ(frames(flac::kSideAndRight, 32768, 0), 0u);
  EXPECT_EQ(frames(flac::kMidAndSide, -1, 65535), 192u);
  EXPECT_EQ(frames(flac::kMidAndSide, 0, 65535), 0u);
}

}  // namespace
}  // namespace tutti::test
