// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/fade.hpp"

#include <gtest/gtest.h>

namespace tutti {
namespace {

TEST(FadeGain, StartsAtZeroEndsAtOneAndIsClampedOutside) {
  for (const auto& [word, shape] : kFadeShapes) {
    SCOPED_TRACE(word);
    EXPECT_EQ(fade_gain(shape, 0), 0);
    EXPECT_EQ(fade_gain(shape, -3), 0);
    EXPECT_EQ(fade_gain(shape, 1), 1);
    EXPECT_EQ(fade_gain(shape, 7), 1);
  }
}

TEST(FadeGain, RisesWithoutAStepBack) {
  for (const auto& [word, shape] : kFadeShapes)
    for (int i = 1; i <= 1000; ++i)
      EXPECT_GT(fade_gain(shape, i / 1000.0), fade_gain(shape, (i - 1) / 1000.0)) << word << i;
}

TEST(FadeGain, HasThePublishedShapes) {
  EXPECT_EQ(fade_gain(FadeShape::linear, 0.25), 0.25);
  EXPECT_NEAR(fade_gain(FadeShape::equal_power, 0.25), 0.38268343236508977, 1e-16);
  EXPECT_NEAR(fade_gain(FadeShape::s_curve, 0.25), 0.14644660940672624, 1e-16);
  EXPECT_EQ(fade_gain(FadeShape::quadratic, 0.25), 0.0625);
  EXPECT_NEAR(fade_gain(FadeShape::exponential, 1.0 / 3), 0.01, 1e-16);  // −40 dB
}

TEST(FadeGain, CrossfadesKeepPowerOrGain) {
  for (double t = 0; t <= 1; t += 0.01) {
    const double in = fade_gain(FadeShape::equal_power, t);
    const double out = fade_gain(FadeShape::equal_power, 1 - t);
    EXPECT_NEAR(in * in + out * out, 1, 1e-15);
    EXPECT_NEAR(fade_gain(FadeShape::s_curve, t) + fade_gain(FadeShape::s_curve, 1 - t), 1, 1e-15);
  }
}

}  // namespace
}  // namespace tutti
