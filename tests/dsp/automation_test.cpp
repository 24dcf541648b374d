// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/automation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tests/reference/automation.hpp"

namespace tutti {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

// Half a float step is 2^−24 of the value; everything before the rounding is double.
constexpr double kFloatShare = 6.1e-8;

struct Way {
  Interpolation interpolation;
  AutomationDomain domain;
};

class Automation : public ::testing::TestWithParam<Way> {
 protected:
  AutomationCurve curve(std::vector<AutomationCurve::Point> points) const {
    return {GetParam().interpolation, GetParam().domain, std::move(points)};
  }
};

// Steps at one frame, mutes at both ends of a segment, a one-frame segment, negative frames.
const std::vector<AutomationCurve::Point> kHardPoints = {
    {-200, -6},  {-70, -18},  {0, -18},  {0, 3},       {1, -60},     {2, 12},
    {65, -kInf}, {129, 0},    {129, 6},  {129, -kInf}, {300, -kInf}, {301, -120},
    {302, 24},   {1400, -40}, {1400, 0}, {9000, -7}};

TEST_P(Automation, ValuesAndGainsFollowTheDefinitionFrameByFrame) {
  const AutomationCurve c = curve(kHardPoints);
  const Frames first = -500;
  std::vector<float> gains(10000), values(10000);
  automation_gains(c, first, gains);
  automation_values(c, first, values);
  for (std::size_t i = 0; i < gains.size(); ++i) {
    const Frames frame = first + static_cast<Frames>(i);
    const double value = reference::automation(c, frame), gain = reference::gain_of_db(value);
    SCOPED_TRACE("frame " + std::to_string(frame));
    if (std::isinf(value)) {
      ASSERT_EQ(automation_value(c, frame), -kInf);
      ASSERT_EQ(values[i], -kInf);
      ASSERT_EQ(gains[i], 0.0f);
      continue;
    }
    ASSERT_NEAR(automation_value(c, frame), value, 1e-11);
    ASSERT_NEAR(values[i], value, kFloatShare * std::abs(value) + 1e-11);
    ASSERT_NEAR(gains[i], gain, kFloatShare * gain);
  }
}

TEST_P(Automation, IsBitIdenticalHoweverARangeIsCut) {
  const AutomationCurve c = curve(kHardPoints);
  std::vector<float> whole(10000), parts(10000);
  for (const auto write : {automation_gains, automation_values}) {
    write(c, -500, whole);
    std::mt19937 random(7);
    for (std::size_t at = 0; at < parts.size();) {
      const std::size_t count = std::min<std::size_t>(random() % 131, parts.size() - at);
      write(c, -500 + static_cast<Frames>(at), std::span(parts).subspan(at, count));
      at += count;
    }
    EXPECT_EQ(whole, parts);
  }
}

TEST_P(Automation, HoldsTheFirstValueBeforeAndTheLastAfter) {
  const AutomationCurve c = curve({{10, -3}, {20, -9}});
  EXPECT_EQ(automation_value(c, -1000000000000), -3);
  EXPECT_EQ(automation_value(c, 10), -3);
  EXPECT_EQ(automation_value(c, 20), -9);
  EXPECT_EQ(automation_value(c, 1000000000000), -9);
}

TEST_P(Automation, TakesTheLastOfSeveralPointsAtAFrameFromThatFrameOn) {
  const AutomationCurve c = curve({{10, -3}, {10, -5}, {10, -9}});
  EXPECT_EQ(automation_value(c, 9), -3);
  EXPECT_EQ(automation_value(c, 10), -9);
}

INSTANTIATE_TEST_SUITE_P(AllWays, Automation,
                         ::testing::Values(Way{Interpolation::hold, AutomationDomain::db},
                                           Way{Interpolation::linear, AutomationDomain::db},
                                           Way{Interpolation::smooth, AutomationDomain::db},
                                           Way{Interpolation::linear, AutomationDomain::gain},
                                           Way{Interpolation::smooth, AutomationDomain::gain}));

TEST(Automation, LinearInDbPassesTheMiddleAtHalfTheDbAndInGainAtHalfTheGain) {
  AutomationCurve c{Interpolation::linear, AutomationDomain::db, {{0, 0}, {100, -40}}};
  EXPECT_DOUBLE_EQ(automation_value(c, 50), -20);
  c.domain = AutomationDomain::gain;  // (1 + 0.01)/2
  EXPECT_NEAR(automation_value(c, 50), 20 * std::log10(0.505), 1e-12);
}

TEST(Automation, SmoothFollowsTheCubicAtTheQuarter) {
  const AutomationCurve c{Interpolation::smooth, AutomationDomain::db, {{0, 0}, {100, 10}}};
  EXPECT_DOUBLE_EQ(automation_value(c, 25), 1.5625);  // 3/16 − 2/64
}

TEST(Automation, ALineFromSilenceIsALineInGain) {
  const AutomationCurve c{Interpolation::linear, AutomationDomain::db, {{0, -kInf}, {8, 0}}};
  std::vector<float> gains(9);
  automation_gains(c, 0, gains);
  for (int i = 0; i <= 8; ++i) EXPECT_EQ(gains[i], static_cast<float>(i) / 8);
}

}  // namespace
}  // namespace tutti
