// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/loudness_loop.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace tutti::test {
namespace {

/// Loudness of a programme of `source_lufs` through a limiter that bends softly towards `top_lufs`.
double bent(double source_lufs, double gain_db, double top_lufs, double knee_db) {
  const double in = source_lufs + gain_db;
  return top_lufs - knee_db * std::log1p(std::exp((top_lufs - in) / knee_db));
}

TEST(LoudnessLoop, NeedsTwoPassesWhenNothingIsLimited) {
  const LoudnessLoopResult result =
      find_loudness_gain({-23, 0.1}, [](double gain_db) { return -17.3 + gain_db; });
  EXPECT_TRUE(result.reached);
  EXPECT_EQ(result.passes, 2);
  EXPECT_NEAR(result.gain_db, -5.7, 1e-9);
  EXPECT_NEAR(*result.reached_lufs, -23, 1e-9);
}

TEST(LoudnessLoop, NeedsOnePassWhenItIsThereAlready) {
  const LoudnessLoopResult result = find_loudness_gain(
      {-14, 0.1}, [](double gain_db) { return -17.3 + gain_db; }, 3.35);
  EXPECT_TRUE(result.reached);
  EXPECT_EQ(result.passes, 1);
  EXPECT_EQ(result.gain_db, 3.35);
}

// Levels of sources, targets up to 1 LU below what the limiter can give, knees from hard to soft.
TEST(LoudnessLoop, ConvergesWithinSixPassesOnSmoothLimiters) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> level(-40, -12), knee(0.3, 3), head(1, 12);
  for (int i = 0; i < 2000; ++i) {
    const double source = level(random), soft = knee(random), top = -8;
    const double target = top - std::max(head(random), 0.7 * soft);
    const LoudnessLoopResult result = find_loudness_gain(
        {target, 0.1}, [&](double gain_db) { return bent(source, gain_db, top, soft); });
    EXPECT_TRUE(result.reached) << source << " to " << target << ", knee " << soft;
    EXPECT_LE(result.passes, kMaxLoudnessPasses);
    EXPECT_LE(std::abs(*result.reached_lufs - target), 0.1);
  }
}

// A small last step is not measured: the error stays within it whatever the limiter makes of it.
TEST(LoudnessLoop, TrustsASmallLastStep) {
  std::mt19937 random(2);
  std::uniform_real_distribution<double> level(-40, -12), knee(0.3, 3), head(1, 12);
  int trusting = 0, measuring = 0;
  for (int i = 0; i < 2000; ++i) {
    const double source = level(random), soft = knee(random), top = -8;
    LoudnessGoal goal{top - std::max(head(random), 0.7 * soft), 0.025};
    const auto measure = [&](double gain_db) { return bent(source, gain_db, top, soft); };
    const double direct_db = goal.target_lufs - source;
    measuring += find_loudness_gain(goal, measure, direct_db).passes;
    goal.trusted_step_lu = 0.09;
    const LoudnessLoopResult result = find_loudness_gain(goal, measure, direct_db);
    trusting += result.passes;
    EXPECT_TRUE(result.reached);
    EXPECT_LE(std::abs(measure(result.gain_db) - goal.target_lufs), 0.09);
  }
  EXPECT_LT(trusting, measuring - 500);  // of 2000
}

TEST(LoudnessLoop, CopesWithAKinkAndWithSteps) {
  // Dense programme: slope 1 up to −12 LUFS, 0.3 above; the gate adds steps of 0.03 LU.
  const auto measure = [](double gain_db) {
    const double in = -25 + gain_db;
    const double out = in < -12 ? in : -12 + 0.3 * (in + 12);
    return std::floor(out / 0.03) * 0.03;
  };
  for (double target : {-20.0, -14.0, -12.0, -11.0, -10.0, -9.0}) {
    const LoudnessLoopResult result = find_loudness_gain({target, 0.1}, measure);
    EXPECT_TRUE(result.reached) << target;
  }
}

TEST(LoudnessLoop, StopsWhereTheLimiterHasNoMoreToGive) {
  int calls = 0;
  const LoudnessLoopResult result = find_loudness_gain({-5, 0.1}, [&](double gain_db) {
    ++calls;
    return bent(-20, gain_db, -9, 1);
  });
  EXPECT_FALSE(result.reached);
  EXPECT_EQ(result.passes, calls);
  EXPECT_LE(result.passes, kMaxLoudnessPasses);
  EXPECT_GT(*result.reached_lufs, -9.5) << "close to all there is";
  EXPECT_LT(result.gain_db, 40) << "and no blind push into the wall";
}

TEST(LoudnessLoop, SaysThatSilenceHasNoLoudness) {
  const LoudnessLoopResult result =
      find_loudness_gain({-14, 0.1}, [](double) { return std::nullopt; });
  EXPECT_FALSE(result.reached);
  EXPECT_FALSE(result.reached_lufs.has_value());
  EXPECT_EQ(result.gain_db, 0);
  EXPECT_EQ(result.passes, 1);
}

TEST(LoudnessLoop, KeepsToItsRange) {
  const auto quiet = [](double gain_db) { return -60 + gain_db; };
  const LoudnessLoopResult result = find_loudness_gain({-10, 0.1, -20, 20}, quiet);
  EXPECT_FALSE(result.reached);
  EXPECT_EQ(result.gain_db, 20);
  EXPECT_EQ(*result.reached_lufs, -40);
}

}  // namespace
}  // namespace tutti::test
