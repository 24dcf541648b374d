// SPDX-License-Identifier: Apache-2.0
#include "host/audio/units.hpp"

#include <gtest/gtest.h>

namespace tutti {
namespace {

TEST(Units, DecibelsAndRatiosAreInverse) {
  EXPECT_DOUBLE_EQ(db_to_linear(20), 10);
  EXPECT_DOUBLE_EQ(db_to_linear(-6.020599913279624), 0.5);
  EXPECT_DOUBLE_EQ(linear_to_db(-10), 20);
  EXPECT_DOUBLE_EQ(power_to_db(100), 20);
  for (double db = -120; db <= 60; db += 7) EXPECT_NEAR(linear_to_db(db_to_linear(db)), db, 1e-12);
}

TEST(Units, MinusInfinityIsExactlyNothing) {
  EXPECT_EQ(db_to_linear(kMinusInfinityDb), 0);
  EXPECT_EQ(linear_to_db(0), kMinusInfinityDb);
  EXPECT_EQ(power_to_db(0), kMinusInfinityDb);
  EXPECT_EQ(power_to_db(-1e-30), kMinusInfinityDb);
}

TEST(Units, TimesAreRoundedToTheNearestFrameAwayFromZeroOnATie) {
  EXPECT_EQ(seconds_to_frames(1.0 / 3, 44100), 14700);
  EXPECT_EQ(ms_to_frames(0.5, 1000), 1);
  EXPECT_EQ(ms_to_frames(-0.5, 1000), -1);
  EXPECT_EQ(ms_to_frames(10, 48000), 480);
  EXPECT_EQ(seconds_to_frames(86400, 192000), Frames{16588800000});
}

TEST(Units, APoleCovers63PercentOfAStepInItsTime) {
  const double pole = time_constant_pole(10, 48000);
  EXPECT_NEAR(std::pow(pole, 480), std::exp(-1.0), 1e-12);
  EXPECT_EQ(time_constant_pole(0, 48000), 0);
}

}  // namespace
}  // namespace tutti
