// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/pan.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace tutti {
namespace {

constexpr PanLaw kLaws[] = {PanLaw::zero, PanLaw::minus_3, PanLaw::minus_4_5, PanLaw::minus_6};

// cos and sin of π/8 and the square roots, to more digits than a double holds.
constexpr double kCos = 0.92387953251128675613, kSin = 0.38268343236508977173;
constexpr double kRoot2 = 1.41421356237309504880, kHalfRoot = 0.70710678118654752440;
constexpr double kTiny = 4e-16;  // two roundings of a double near 1

void expect_gains(std::array<double, 2> gains, double left, double right) {
  EXPECT_NEAR(gains[0], left, kTiny);
  EXPECT_NEAR(gains[1], right, kTiny);
}

TEST(PanGains, MinusThreeIsSineAndCosine) {
  expect_gains(pan_gains(PanLaw::minus_3, -0.5), kCos, kSin);
  expect_gains(pan_gains(PanLaw::minus_3, 0), kHalfRoot, kHalfRoot);
  expect_gains(pan_gains(PanLaw::minus_3, 0.5), kSin, kCos);
}

TEST(PanGains, MinusSixIsLinear) {
  expect_gains(pan_gains(PanLaw::minus_6, -0.5), 0.75, 0.25);
  expect_gains(pan_gains(PanLaw::minus_6, 0), 0.5, 0.5);
  expect_gains(pan_gains(PanLaw::minus_6, 0.5), 0.25, 0.75);
}

TEST(PanGains, MinusFourAndAHalfIsTheGeometricMean) {
  expect_gains(pan_gains(PanLaw::minus_4_5, -0.5), std::sqrt(0.75 * kCos), std::sqrt(0.25 * kSin));
  expect_gains(pan_gains(PanLaw::minus_4_5, 0), std::sqrt(0.5 * kHalfRoot),
               std::sqrt(0.5 * kHalfRoot));
  expect_gains(pan_gains(PanLaw::minus_4_5, 0.5), std::sqrt(0.25 * kSin), std::sqrt(0.75 * kCos));
}

TEST(PanGains, ZeroLeavesTheCentreAndRaisesTheSides) {
  const std::array<double, 2> centre = pan_gains(PanLaw::zero, 0);
  EXPECT_EQ(centre[0], 1);
  EXPECT_EQ(centre[1], 1);
  expect_gains(pan_gains(PanLaw::zero, -0.5), kRoot2 * kCos, kRoot2 * kSin);
  expect_gains(pan_gains(PanLaw::zero, 1), 0, kRoot2);
}

TEST(PanGains, HardSidesAreExactlySilentOnTheOther) {
  for (const PanLaw law : kLaws) {
    EXPECT_EQ(pan_gains(law, -1)[1], 0);
    EXPECT_EQ(pan_gains(law, 1)[0], 0);
    if (law == PanLaw::zero) continue;
    EXPECT_EQ(pan_gains(law, -1)[0], 1);
    EXPECT_EQ(pan_gains(law, 1)[1], 1);
  }
}

TEST(PanGains, MirroredPositionsGiveMirroredGainsBitForBit) {
  for (const PanLaw law : kLaws)
    for (double p = -1; p <= 1; p += 1.0 / 64) {
      EXPECT_EQ(pan_gains(law, p)[0], pan_gains(law, -p)[1]);
      EXPECT_EQ(pan_gains(law, p)[1], pan_gains(law, -p)[0]);
    }
}

TEST(PanGains, MinusThreeKeepsThePowerAndMinusSixTheSum) {
  for (double p = -1; p <= 1; p += 0.01) {
    const std::array<double, 2> power = pan_gains(PanLaw::minus_3, p);
    EXPECT_NEAR(power[0] * power[0] + power[1] * power[1], 1, 1e-15);
    const std::array<double, 2> sum = pan_gains(PanLaw::minus_6, p);
    EXPECT_NEAR(sum[0] + sum[1], 1, 1e-15);
  }
}

TEST(BalanceGains, AttenuateTheFarSideAlone) {
  EXPECT_EQ(balance_gains(-1), (std::array<double, 2>{1, 0}));
  EXPECT_EQ(balance_gains(-0.5), (std::array<double, 2>{1, 0.5}));
  EXPECT_EQ(balance_gains(0), (std::array<double, 2>{1, 1}));
  EXPECT_EQ(balance_gains(0.5), (std::array<double, 2>{0.5, 1}));
  EXPECT_EQ(balance_gains(1), (std::array<double, 2>{0, 1}));
}

using Matrix = std::array<std::array<double, 2>, 2>;

TEST(StereoPanMatrix, ScalesTheSideWithTheWidth) {
  EXPECT_EQ(stereo_pan_matrix(0, 1), (Matrix{{{1, 0}, {0, 1}}}));
  EXPECT_EQ(stereo_pan_matrix(0, 0), (Matrix{{{0.5, 0.5}, {0.5, 0.5}}}));
  EXPECT_EQ(stereo_pan_matrix(0, -1), (Matrix{{{0, 1}, {1, 0}}}));
}

TEST(StereoPanMatrix, PlacesAMonoImageLikeTheConstantPowerLawRelativeToTheCentre) {
  for (const double p : {-1.0, -0.5, 0.0, 0.5, 1.0}) {
    const Matrix matrix = stereo_pan_matrix(p, 0);
    const std::array<double, 2> gains = pan_gains(PanLaw::minus_3, p);
    // Equal channels of amplitude 1 arrive as √2 times the law.
    EXPECT_NEAR(matrix[0][0] + matrix[0][1], kRoot2 * gains[0], kTiny);
    EXPECT_NEAR(matrix[1][0] + matrix[1][1], kRoot2 * gains[1], kTiny);
  }
}

}  // namespace
}  // namespace tutti
