// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/delay.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>
#include <vector>

#include "host/audio/buffer.hpp"
#include "tests/reference/delay.hpp"
#include "tests/support/bounds.hpp"
#include "tests/support/residual.hpp"

namespace tutti {
namespace {

constexpr double kRate = 48000;

Buffer noise(int channels, Frames frames, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-0.5f, 0.5f);
  Buffer buffer(channels, frames);
  for (int c = 0; c < channels; ++c)
    for (Frames n = 0; n < frames; ++n) buffer.channel(c)[n] = uniform(random);
  return buffer;
}

std::vector<float> channel(const Buffer& buffer, int c) {
  return {buffer.channel(c), buffer.channel(c) + buffer.frames()};
}

// Runs a unit over a copy of `in`, in place, in calls of random length 0 … `longest`.
template <typename Unit>
Buffer in_pieces(Unit unit, const Buffer& in, Frames longest) {
  std::mt19937 random(5);
  Buffer out(in.channels(), in.frames());
  for (int c = 0; c < in.channels(); ++c) std::copy_n(in.channel(c), in.frames(), out.channel(c));
  for (Frames n = 0; n < in.frames();) {
    const Frames count =
        std::min<Frames>(static_cast<Frames>(random() % (longest + 1)), in.frames() - n);
    unit.process(out.view().slice(n, count), out.view().slice(n, count));
    n += count;
  }
  return out;
}

template <typename Unit>
Buffer at_once(Unit unit, const Buffer& in) {
  Buffer out(in.channels(), in.frames());
  unit.process(in.view(), out.view());
  return out;
}

TEST(Delay, FollowsTheSeriesOfEchoes) {
  const Buffer in = noise(3, 20000);
  for (const DelaySpec& spec : {DelaySpec{10, 0, kMinusInfinityDb, 0}, DelaySpec{0, 0, -6, -6},
                                DelaySpec{0.021, 0.9, 0, -3}, DelaySpec{1.5, 0.99, -2, -12},
                                DelaySpec{400, 0.5, 0, 0}, DelaySpec{9000, 0.5, 0, 0}}) {
    const Buffer out = at_once(DelayUnit(design(spec, kRate), 3), in);
    for (int c = 0; c < 3; ++c)
      EXPECT_RESIDUAL_BELOW(channel(out, c), reference::delay(spec, kRate, channel(in, c)),
                            test::bounds::kSumDbfs + 6);  // echoes sum to about twice full scale
  }
}

TEST(Delay, IsBitIdenticalHoweverTheStreamIsCutAndInPlace) {
  const Buffer in = noise(2, 5000);
  for (const Frames delay_frames : {0, 1, 31, 32, 33, 700, 4999, 5000, 6000}) {
    const DelayDesign design{delay_frames, delay_frames > 0 ? 0.7 : 0.0, 0.5, 0.8};
    const Buffer whole = at_once(DelayUnit(design, 2), in);
    const Buffer pieces = in_pieces(DelayUnit(design, 2), in, 200);
    for (int c = 0; c < 2; ++c) EXPECT_EQ(channel(whole, c), channel(pieces, c)) << delay_frames;
  }
}

TEST(Delay, RespondsAsItsImpulseResponseDoes) {
  const DelaySpec spec{0.25, 0.6, -3, -1};  // 12 frames
  const DelayDesign numbers = design(spec, kRate);
  Buffer impulse(1, 2000);
  impulse.channel(0)[0] = 1;
  const Buffer out = at_once(DelayUnit(numbers, 1), impulse);
  for (const double omega : {0.0, 0.1, 1.0, 2.5, kPi}) {
    std::complex<double> sum = 0;
    for (Frames n = 0; n < 2000; ++n)
      sum +=
          static_cast<double>(out.channel(0)[n]) * std::polar(1.0, -omega * static_cast<double>(n));
    EXPECT_NEAR(std::abs(sum - response(numbers, omega)), 0, 2e-7) << omega;  // float taps
  }
}

TEST(Delay, IsQuietOnceTheEchoesAreBelowMinus300Dbfs) {
  DelayUnit unit({100, 0.5, 0, 1}, 1);
  EXPECT_TRUE(unit.quiet());
  Buffer block(1, 100);
  block.channel(0)[50] = 1;
  unit.process(block.view(), block.view());
  block.clear();
  int passes = 0;
  for (; !unit.quiet(); ++passes) {
    block.clear();
    unit.process(block.view(), block.view());
  }
  EXPECT_EQ(passes, 50);  // 2^−49 = 1.8e−15 is still heard, 2^−50 = 8.9e−16 is not
  unit.reset();
  EXPECT_TRUE(unit.quiet());
}

TEST(Delay, RefusesFeedbackWithoutAFrameOfDelay) {
  const std::vector<SpecIssue> issues = validate(DelaySpec{0.01, 0.5, 0, 0}, kRate);
  ASSERT_EQ(issues.size(), 1u);
  EXPECT_EQ(issues[0].field, "time_ms");
  EXPECT_EQ(issues[0].message,
            "time_ms 0.01 is less than one frame at 48000 Hz, and feedback needs at least one");
  EXPECT_TRUE(validate(DelaySpec{0.01, 0, 0, 0}, kRate).empty());
  EXPECT_TRUE(validate(DelaySpec{1, 0.5, 0, 0}, kRate).empty());
}

TEST(DelayLine, MovesEveryBitBackByTheDelay) {
  const Buffer in = noise(3, 3000);
  for (const Frames delay_frames : {0, 1, 63, 64, 65, 2999, 3000, 4000}) {
    const Buffer pieces = in_pieces(DelayLine(3, delay_frames), in, 300);
    const Buffer whole = at_once(DelayLine(3, delay_frames), in);
    for (int c = 0; c < 3; ++c) {
      EXPECT_EQ(channel(whole, c), channel(pieces, c));
      for (Frames n = 0; n < 3000; ++n)
        ASSERT_EQ(whole.channel(c)[n], n < delay_frames ? 0.0f : in.channel(c)[n - delay_frames]);
    }
  }
}

TEST(DelayLine, IsQuietWhenAllHasLeftIt) {
  DelayLine line(1, 10);
  Buffer block(1, 10);
  block.channel(0)[9] = 1e-3f;
  line.process(block.view(), block.view());
  EXPECT_FALSE(line.quiet());
  block.clear();
  line.process(block.view(), block.view());
  EXPECT_EQ(block.channel(0)[9], 1e-3f);
  EXPECT_TRUE(line.quiet());
}

TEST(DelayLine, RefusesANegativeLength) { EXPECT_THROW(DelayLine(2, -1), std::invalid_argument); }

}  // namespace
}  // namespace tutti
