// SPDX-License-Identifier: Apache-2.0
// Maps that compose against the steps they stand for; the polynomials against the library.
#include "host/dsp/smoother.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "host/dsp/fast_log2.hpp"

namespace tutti {
namespace {

TEST(Smoother, ComposedMapsAreTheStepsInARow) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> input(-20, 20);
  for (const double release : {0.0, 0.5, 0.999, 0.999999}) {
    const SmootherPoles poles = smoother_poles(0.9, release);
    for (const double start : {-30.0, 0.0, 7.0, 100.0}) {
      double held = start, smoothed = start;
      MaxAffineMap peaks{};
      AffineMap attack{1, 0};
      for (int n = 0; n < 500; ++n) {
        const double x = input(random);
        held = peak_step(poles, held, x);
        smoothed = attack_step(poles, smoothed, held);
        peaks = n == 0 ? peak_map(poles, x) : compose(peak_map(poles, x), peaks);
        attack = compose(attack_map(poles, held), attack);
        ASSERT_NEAR(apply(peaks, start), held, 1e-11);
        ASSERT_NEAR(apply(attack, start), smoothed, 1e-11);
      }
    }
  }
}

TEST(Smoother, CompositionIsAssociative) {
  std::mt19937 random(2);
  std::uniform_real_distribution<double> pole(0, 1), input(-20, 20);
  for (int i = 0; i < 1000; ++i) {
    MaxAffineMap maps[3];
    for (MaxAffineMap& m : maps) m = {pole(random), input(random), input(random)};
    const MaxAffineMap left = compose(compose(maps[2], maps[1]), maps[0]);
    const MaxAffineMap right = compose(maps[2], compose(maps[1], maps[0]));
    EXPECT_NEAR(left.a, right.a, 1e-12);
    EXPECT_NEAR(left.b, right.b, 1e-12);
    EXPECT_NEAR(left.c, right.c, 1e-12);
  }
}

// The polynomial's own error and its last rounding near 0; two roundings of numbers from 8 to 16,
// half of 2^-20 each, near −9: at most 6e-6 dB.
TEST(FastLog2, LogarithmsStayWithinTheStatedError) {
  double near_zero = 0, near_nine = 0;
  for (float x = 1.0f; x < 2.0f; x += 1e-5f) {
    const double truth = std::log2(static_cast<double>(x));
    near_zero = std::max(near_zero, std::abs(fast_log2(x, Log2Polynomial::k0) - truth));
    near_nine =
        std::max(near_nine, std::abs(fast_log2(-x / 1024, Log2Polynomial::k0) - (truth - 10)));
  }
  EXPECT_LE(near_zero, 9.3e-8);
  EXPECT_LE(near_nine, 5e-8 + 0x1p-20);
  EXPECT_LE(fast_log2(0.0f, Log2Polynomial::k0), -126);
}

TEST(FastLog2, ExponentialsErrByLessThanTwoMillionthsOfADecibel) {
  for (float x = -20; x < 100; x += 1e-3f) {
    const double truth = std::exp2(-static_cast<double>(x));
    EXPECT_NEAR(fast_exp2_negative(x) / truth, 1, 2.4e-7);
  }
}

}  // namespace
}  // namespace tutti
