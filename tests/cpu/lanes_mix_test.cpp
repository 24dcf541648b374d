// SPDX-License-Identifier: Apache-2.0
// Transposition and the panned sums, against plain loops.
#include <gtest/gtest.h>

#include "host/cpu/lane_kernels.hpp"
#include "tests/support/bounds.hpp"
#include "tests/support/lane_runner.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

// 0, 1; around half, one and two vectors of AVX-512; a whole chunk.
constexpr int kLengths[] = {0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64};

LaneProgram plain(int strips) {
  LaneProgram program;
  program.strips = strips;
  return program;
}

TEST(LanesMix, TranspositionMovesEverySampleToItsPlaceAndBack) {
  for (const int frames : kLengths) {
    const Audio planar = programme(kLanes, frames + 1);
    auto rows = std::make_unique<LaneRows>();
    // One frame off: unaligned channels.
    gather_rows(pointers(planar, 1).data(), kLanes, frames, *rows);
    Audio back(kLanes, std::vector<float>(frames + 1, 5.0f));
    std::vector<float*> out;
    for (auto& channel : back) out.push_back(channel.data());
    out[3] = nullptr;
    scatter_rows(*rows, frames, out.data());
    for (int lane = 0; lane < kLanes; ++lane) {
      for (int n = 0; n < frames; ++n) {
        EXPECT_EQ(rows->row(n)[lane], planar[lane][n + 1]);
        EXPECT_EQ(back[lane][n], lane == 3 ? 5.0f : planar[lane][n + 1]);
      }
      EXPECT_EQ(back[lane][frames], 5.0f) << "wrote past the end";
    }
  }
}

TEST(LanesMix, NoNegativeZeroLeaves) {
  LaneProcessor lanes(plain(1));
  const auto output = run_lanes(lanes, {{-0.0f, 0.0f, -0.0f}})[0];
  for (const float y : output) EXPECT_FALSE(std::signbit(y));
}

TEST(LanesMix, NoNegativeZeroLeavesInASumAndASumOfNobodyIsSilence) {
  const Audio input = {{-0.0f, -0.0f, -0.0f}};
  std::array<std::array<float, kLanes>, 2> gains{};
  gains[0].fill(1.0f);
  std::vector<float> left(3, 0.25f), right(3, 0.25f);
  float* out[] = {left.data(), right.data()};
  const LaneMix mix{2, out, gains.data(), nullptr};
  LaneProcessor lanes(plain(1));
  lanes.process(3, pointers(input), {}, {}, {&mix, 1});
  for (const float y : left) EXPECT_TRUE(y == 0 && !std::signbit(y));
  for (const float y : right) EXPECT_TRUE(y == 0 && !std::signbit(y));
}

TEST(LanesMix, TheSumOverLanesFollowsTheFixedTree) {
  const Audio input = programme(kLanes, 100, 2);
  std::array<std::array<float, kLanes>, 2> gains;
  for (int lane = 0; lane < kLanes; ++lane) {
    gains[0][lane] = 0.1f * static_cast<float>(lane);
    gains[1][lane] = 1.0f - 0.05f * static_cast<float>(lane);
  }
  std::vector<float> left(101, 0.25f), right(101, 0.25f);
  float* out[] = {left.data(), right.data()};
  const LaneMix mix{2, out, gains.data(), nullptr};
  LaneProcessor lanes(plain(kLanes));
  lanes.process(100, pointers(input), {}, {}, {&mix, 1});
  for (int n = 0; n < 100; ++n) {
    for (int o = 0; o < 2; ++o) {
      std::array<float, kLanes> sum;
      for (int lane = 0; lane < kLanes; ++lane) sum[lane] = gains[o][lane] * input[lane][n];
      for (int half = 8; half > 0; half /= 2) {
        for (int lane = 0; lane < half; ++lane) sum[lane] += sum[lane + half];
      }
      EXPECT_EQ(out[o][n], sum[0]);  // what was there is overwritten
    }
  }
  EXPECT_EQ(left[100], 0.25f);
}

TEST(LanesMix, AutomatedGainsFollowTheirCurvesAndStaticOnesStay) {
  const Frames frames = 1000;
  const Audio input = programme(3, frames, 3);
  std::vector<float> curve(frames);
  for (Frames n = 0; n < frames; ++n) curve[n] = static_cast<float>(n) / 1000.0f;
  std::array<std::array<float, kLanes>, 2> gains{};
  gains[0] = {0.5f, 9.0f, 0.25f};
  std::array<std::array<const float*, kLanes>, 2> automated{};
  automated[0][1] = curve.data();
  std::vector<float> left(frames), right(frames);
  float* out[] = {left.data(), right.data()};
  LaneProcessor lanes(plain(3));
  const LaneMix mix{2, out, gains.data(), automated.data()};
  lanes.process(frames, pointers(input), {}, {}, {&mix, 1});
  std::vector<double> truth(frames);
  for (Frames n = 0; n < frames; ++n) {
    truth[n] = 0.5 * input[0][n] + static_cast<double>(curve[n]) * input[1][n] + 0.25 * input[2][n];
  }
  EXPECT_RESIDUAL_BELOW(left, truth, bounds::kSumDbfs);
  EXPECT_EQ(right, std::vector<float>(frames));
}

TEST(LanesMix, ASumDoesNotDependOnHowTheTimelineIsCut) {
  const Frames frames = 1000;
  const Audio input = programme(5, frames, 4);
  std::array<float, kLanes> gains{0.3f, -0.7f, 0.11f, 0.9f, 0.5f};
  std::vector<float> whole(frames), pieces(frames);
  LaneProcessor a(plain(5)), b(plain(5));
  float* out = whole.data();
  LaneMix mix{1, &out, &gains, nullptr};
  a.process(frames, pointers(input), {}, {}, {&mix, 1});
  for (Frames first = 0; first < frames; first += 37) {
    out = pieces.data() + first;
    b.process(std::min<Frames>(37, frames - first), pointers(input, first), {}, {}, {&mix, 1});
  }
  EXPECT_EQ(pieces, whole);
}

TEST(LanesMix, AMissingBusChannelIsLeftOut) {
  const Audio input = programme(1, 10, 5);
  std::array<std::array<float, kLanes>, 2> gains{};
  gains[0][0] = gains[1][0] = 1;
  std::vector<float> right(10);
  float* out[] = {nullptr, right.data()};
  const LaneMix mix{2, out, gains.data(), nullptr};
  LaneProcessor lanes(plain(1));
  lanes.process(10, pointers(input), {}, {}, {&mix, 1});
  EXPECT_EQ(right, input[0]);
}

}  // namespace
}  // namespace tutti::test
