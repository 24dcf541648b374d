// SPDX-License-Identifier: Apache-2.0
#include "host/flac/predictor.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include "host/flac/flac_kernels.hpp"

namespace tutti::test {
namespace {

using namespace flac;

/// Samples between the zeros that kernels may touch.
struct Padded {
  explicit Padded(int frames) : all(static_cast<std::size_t>(frames + 2 * kPadFrames)) {}
  double* data() { return all.data() + kPadFrames; }
  std::vector<double> all;
};

TEST(FlacPredictor, FixedOnesLeaveNothingOfTheirPolynomial) {
  for (int order = 0; order <= 4; ++order) {
    Padded samples(100);
    for (int n = 0; n < 100; ++n) {
      samples.data()[n] = 0;
      for (int power = 0; power < order; ++power)
        samples.data()[n] += std::pow(n - 40, power) * (power + 2);
    }
    std::vector<std::int32_t> residual(100 + kPadFrames);
    ASSERT_TRUE(predict(samples.data(), 100, fixed_predictor(order), residual.data()));
    for (int n = 0; n < 100; ++n) EXPECT_EQ(residual[static_cast<std::size_t>(n)], 0) << order;
    // The magnitudes that choose the order are of these residuals.
    const auto means = fixed_magnitudes(samples.data(), 100);
    EXPECT_EQ(means[static_cast<std::size_t>(order)], 0);
    if (order > 0) {
      EXPECT_GT(means[static_cast<std::size_t>(order - 1)], 0);
    }
  }
}

TEST(FlacPredictor, WindowIsTukeys) {
  std::vector<double> window(4096);
  const double energy = fill_window(window);
  double sum = 0;
  for (std::size_t n = 0; n < 4096; ++n) {
    EXPECT_EQ(window[n], window[4095 - n]);
    const double x = (static_cast<double>(n) + 0.5) / 4096;
    const double gain = x < 0.25   ? 0.5 - 0.5 * std::cos(4 * std::numbers::pi * x)
                        : x > 0.75 ? 0.5 - 0.5 * std::cos(4 * std::numbers::pi * (1 - x))
                                   : 1;
    EXPECT_NEAR(window[n], gain, 0x1p-30);
    sum += gain * gain;
  }
  EXPECT_NEAR(energy, sum, 1e-5);
}

TEST(FlacPredictor, CorrelationIsExactAtEveryLength) {
  std::mt19937_64 random(6);
  for (const int frames : {64, 65, 100, 4095, 4096}) {
    Padded samples(frames), window(frames);
    for (int n = 0; n < frames; ++n) {
      samples.data()[n] =
          static_cast<double>(static_cast<std::int64_t>(random() % (1 << 23)) - (1 << 22));
      window.data()[n] = static_cast<double>(random() % 32769) / 32768;
    }
    std::vector<std::int64_t> scratch(static_cast<std::size_t>(frames + 2 * kPadFrames));
    const auto found = correlate(samples.data(), window.data(), 0.5, frames, scratch.data());
    for (int lag = 0; lag <= kMostPredictorOrder; ++lag) {
      std::int64_t sum = 0;
      const auto value = [&](int n) {
        return static_cast<std::int64_t>(
            std::nearbyint(samples.data()[n] * window.data()[n] * 0.5));
      };
      for (int n = lag; n < frames; ++n) sum += value(n) * value(n - lag);
      EXPECT_EQ(found[static_cast<std::size_t>(lag)], static_cast<double>(sum))
          << frames << " " << lag;
    }
  }
}

// x[n] = 1.6 x[n-1] - 0.8 x[n-2] + noise: Yule and Walker's equations lead back to it.
TEST(FlacPredictor, FindsTheCoefficientsOfAnAutoregression) {
  // Of that process r1 = 1.6 / 1.8 r0, r2 = 1.6 r1 - 0.8 r0, and so on; what is left of its energy
  // is (1 - r1²)(1 - 0.8²) / r0 of it.
  std::array<double, kMostPredictorOrder + 1> correlation;
  correlation[0] = 1e12;
  correlation[1] = 1.6 / 1.8 * correlation[0];
  for (std::size_t lag = 2; lag < correlation.size(); ++lag)
    correlation[lag] = 1.6 * correlation[lag - 1] - 0.8 * correlation[lag - 2];
  const auto found = find_predictor(correlation, 4096, 4096, 16);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->order, 2);
  EXPECT_NEAR(std::ldexp(found->coefficients[0], -found->shift), 1.6, 0x1p-13);
  EXPECT_NEAR(std::ldexp(found->coefficients[1], -found->shift), -0.8, 0x1p-13);
}

TEST(FlacPredictor, IsNoneOfSilence) { EXPECT_FALSE(find_predictor({}, 4096, 4096, 16)); }

TEST(FlacPredictor, ResidualIsWhatTheFormulaSays) {
  std::mt19937_64 random(7);
  for (int order = 0; order <= kMostPredictorOrder; ++order) {
    Predictor predictor;
    predictor.fixed = false;
    predictor.order = order;
    predictor.shift = static_cast<int>(random() % 16);
    for (int k = 0; k < order; ++k)
      predictor.coefficients[static_cast<std::size_t>(k)] =
          static_cast<std::int32_t>(random() % 4096) - 2048;
    Padded samples(333);
    for (int n = 0; n < 333; ++n)
      samples.data()[n] = static_cast<double>(static_cast<std::int64_t>(random() % 65536) - 32768);
    std::vector<std::int32_t> residual(333 + kPadFrames);
    ASSERT_TRUE(predict(samples.data(), 333, predictor, residual.data()));
    for (int n = 0; n < 333; ++n) {
      std::int64_t sum = 0;
      for (int k = 0; k < order; ++k)
        sum += predictor.coefficients[static_cast<std::size_t>(k)] *
               static_cast<std::int64_t>(samples.data()[n - 1 - k]);
      const std::int64_t expected =
          n < order ? 0 : static_cast<std::int64_t>(samples.data()[n]) - (sum >> predictor.shift);
      EXPECT_EQ(residual[static_cast<std::size_t>(n)], expected) << order << " " << n;
    }
  }
}

TEST(FlacPredictor, SaysWhereAResidualHasNoRoom) {
  Padded samples(64);
  for (int n = 0; n < 64; ++n) samples.data()[n] = n % 2 == 0 ? 2147483647.0 : -2147483648.0;
  std::vector<std::int32_t> residual(64 + kPadFrames);
  EXPECT_FALSE(predict(samples.data(), 64, fixed_predictor(1), residual.data()));
}

}  // namespace
}  // namespace tutti::test
