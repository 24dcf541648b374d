// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/stereo.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "host/audio/buffer.hpp"
#include "host/backend/lanes.hpp"
#include "tests/reference/stereo.hpp"
#include "tests/support/bounds.hpp"
#include "tests/support/residual.hpp"

namespace tutti {
namespace {

constexpr double kRate = 48000;

Buffer noise(Frames frames) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> uniform(-0.5f, 0.5f);
  Buffer buffer(2, frames);
  for (int c = 0; c < 2; ++c)
    for (Frames n = 0; n < frames; ++n) buffer.channel(c)[n] = uniform(random);
  return buffer;
}

std::vector<float> channel(const Buffer& buffer, int c) {
  return {buffer.channel(c), buffer.channel(c) + buffer.frames()};
}

TEST(Stereo, FollowsTheDefinitionOfMidAndSide) {
  const Buffer in = noise(4000);
  for (const StereoSpec& spec :
       {StereoSpec{1, 0, 0, {}}, StereoSpec{0, 0, 0, {}}, StereoSpec{1.7, -3, 2, {}},
        StereoSpec{1, kMinusInfinityDb, 0, {}}, StereoSpec{1, 0, kMinusInfinityDb, {}}}) {
    Buffer out(2, 4000);
    StereoUnit(design(spec, kRate)).process(in.view(), out.view());
    const auto truth = reference::stereo(spec, channel(in, 0), channel(in, 1));
    for (int c = 0; c < 2; ++c)
      EXPECT_RESIDUAL_BELOW(channel(out, c), truth[c], test::bounds::kSumDbfs);
  }
}

TEST(Stereo, LeavesASignalAloneBitForBitByDefault) {
  const Buffer in = noise(1000);
  Buffer out(2, 1000);
  StereoUnit(design(StereoSpec{}, kRate)).process(in.view(), out.view());
  for (int c = 0; c < 2; ++c) EXPECT_EQ(channel(in, c), channel(out, c));
}

TEST(Stereo, TakesTheBassOutOfTheSideAlone) {
  StereoSpec spec;
  spec.mono_below_hz = 150;
  constexpr Frames kFrames = 48000;  // the filter has decayed by 10^−80 then
  Buffer side(2, kFrames), mid(2, kFrames);
  side.channel(0)[0] = 1;
  side.channel(1)[0] = -1;
  mid.channel(0)[0] = mid.channel(1)[0] = 1;
  StereoUnit(design(spec, kRate)).process(side.view(), side.view());
  StereoUnit(design(spec, kRate)).process(mid.view(), mid.view());
  for (int c = 0; c < 2; ++c)
    for (Frames n = 0; n < kFrames; ++n) ASSERT_EQ(mid.channel(c)[n], n == 0 ? 1.0f : 0.0f);
  for (const double frequency_hz : {40.0, 150.0, 151.0, 300.0, 5000.0, 20000.0}) {
    const double omega = 2 * kPi * frequency_hz / kRate;
    std::complex<double> left = 0;
    for (Frames n = 0; n < kFrames; ++n) {
      ASSERT_EQ(side.channel(0)[n], -side.channel(1)[n]);
      left += static_cast<double>(side.channel(0)[n]) *
              std::polar(1.0, -omega * static_cast<double>(n));
    }
    // 0.05 dB is the promise of the equaliser; float taps leave far less at these depths.
    const double truth = reference::mono_bass_magnitude(150, frequency_hz);
    EXPECT_NEAR(linear_to_db(std::abs(left) / truth), 0, 0.005) << frequency_hz;
  }
}

TEST(Stereo, DesignsAMonoBassWithinTheEqualisersPromiseAtEveryRate) {
  for (const double rate : {44100.0, 48000.0, 96000.0, 192000.0})
    for (const double below_hz : {10.0, 120.0, 2000.0}) {
      StereoSpec spec;
      spec.mono_below_hz = below_hz;
      const StereoDesign numbers = design(spec, rate);
      ASSERT_EQ(numbers.section_count, 2);
      for (double f = 5; f < 0.45 * rate; f *= 1.1) {
        const double omega = 2 * kPi * f / rate;
        const double got =
            std::abs(response(numbers.sections[0], omega) * response(numbers.sections[1], omega));
        EXPECT_NEAR(linear_to_db(got / reference::mono_bass_magnitude(below_hz, f)), 0, 0.05);
      }
    }
}

TEST(Stereo, RampsToAutomatedGainsInOneControlStepHoweverTheStreamIsCut) {
  const Buffer in = noise(6 * kControlFrames);
  StereoSpec spec{1.2, -1, 1, 200};
  const auto render = [&](Frames longest) {
    StereoUnit unit(design(spec, kRate));
    std::mt19937 random(9);
    Buffer out(2, in.frames());
    for (Frames n = 0; n < in.frames();) {
      if (n % kControlFrames == 0 && n > 0 && n < 4 * kControlFrames)
        unit.set_gains(0.1 * static_cast<double>(n / kControlFrames), 1.5);
      const Frames to_grid = kControlFrames - n % kControlFrames;
      const Frames count = std::min<Frames>(1 + static_cast<Frames>(random() % longest), to_grid);
      unit.process(in.view().slice(n, count), out.view().slice(n, count));
      n += count;
    }
    return out;
  };
  const Buffer whole = render(1 << 20), pieces = render(7);
  for (int c = 0; c < 2; ++c) EXPECT_EQ(channel(whole, c), channel(pieces, c));
}

TEST(Stereo, ReachesAnAutomatedGainOnALine) {
  StereoUnit unit(design(StereoSpec{}, kRate));
  Buffer ones(2, 2 * kControlFrames);
  for (int c = 0; c < 2; ++c) std::fill_n(ones.channel(c), ones.frames(), 1.0f);
  unit.set_gains(3, 1);
  unit.process(ones.view(), ones.view());
  for (Frames n = 0; n < ones.frames(); ++n) {
    const double t = std::min(1.0, static_cast<double>(n + 1) / kControlFrames);
    EXPECT_FLOAT_EQ(ones.channel(0)[n], static_cast<float>(1 + 2 * t));
  }
}

TEST(Stereo, IsQuietWhenItsFiltersAre) {
  StereoSpec spec;
  spec.mono_below_hz = 200;
  StereoUnit unit(design(spec, kRate));
  EXPECT_TRUE(unit.quiet());
  Buffer block(2, 64);
  block.channel(0)[0] = 1;
  unit.process(block.view(), block.view());
  EXPECT_FALSE(unit.quiet());
  block.clear();
  int blocks = 0;
  while (!unit.quiet() && ++blocks < 1000) {
    block.clear();
    unit.process(block.view(), block.view());
  }
  // The slow pole pair decays with 2π·200·0.38/48000 a frame: e^−34.5 takes 3,450 frames.
  EXPECT_GT(blocks, 40);
  EXPECT_LT(blocks, 80);
}

TEST(Stereo, RefusesAMonoBassAboveNyquist) {
  StereoSpec spec;
  spec.mono_below_hz = 2000;
  EXPECT_EQ(validate(spec, 3000).size(), 1u);
  EXPECT_TRUE(validate(spec, 8000).empty());
}

}  // namespace
}  // namespace tutti
