// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/loudness.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "host/dsp/k_weighting_scan.hpp"

namespace tutti::test {
namespace {

double gain_db(double frequency_hz, double rate_hz) {
  return linear_to_db(std::abs(response(k_weighting(rate_hz), 2 * kPi * frequency_hz / rate_hz)));
}

TEST(KWeighting, IsTheTableOfTheStandardAt48Khz) {
  const KWeightingDesign k = k_weighting(48000);
  // BS.1770-5, Tables 1 and 2, to the digits printed there.
  EXPECT_NEAR(k.shelf.b0, 1.53512485958697, 1e-13);
  EXPECT_NEAR(k.shelf.b1, -2.69169618940638, 1e-13);
  EXPECT_NEAR(k.shelf.b2, 1.19839281085285, 1e-13);
  EXPECT_NEAR(k.shelf.a1, -1.69065929318241, 1e-13);
  EXPECT_NEAR(k.shelf.a2, 0.73248077421585, 1e-13);
  EXPECT_NEAR(k.high_pass.b0, 1, 1e-13);
  EXPECT_NEAR(k.high_pass.b1, -2, 1e-13);
  EXPECT_NEAR(k.high_pass.b2, 1, 1e-13);
  EXPECT_NEAR(k.high_pass.a1, -1.99004745483398, 1e-13);
  EXPECT_NEAR(k.high_pass.a2, 0.99007225036621, 1e-13);
}

TEST(KWeighting, HasThePublishedGains) {
  const double points[][2] = {{20, -13.2754}, {25, -10.3928},  {50, -3.9341},  {100, -1.1335},
                              {500, 0.0425},  {997, 0.6910},   {1000, 0.6977}, {2000, 3.0713},
                              {5000, 4.0134}, {10000, 4.0419}, {20000, 4.0431}};
  for (const auto& [frequency_hz, level_db] : points)
    EXPECT_NEAR(gain_db(frequency_hz, 48000), level_db, 6e-5) << frequency_hz;
}

TEST(KWeighting, RespondsAlikeAtEveryRate) {
  // Bilinear warping of the shelf leaves 0.008 dB at 2.7 kHz between 48 and 192 kHz.
  for (double rate_hz : {44100.0, 88200.0, 96000.0, 176400.0, 192000.0})
    for (int i = 0; i <= 600; ++i) {
      const double frequency_hz = 20 * std::pow(1000.0, i / 600.0);
      EXPECT_NEAR(gain_db(frequency_hz, rate_hz), gain_db(frequency_hz, 48000), 0.008)
          << frequency_hz << " Hz at " << rate_hz;
    }
}

TEST(LoudnessBins, BeginAtTheNearestSampleAndNeverDrift) {
  EXPECT_EQ(bin_start(0, 44100), 0);
  EXPECT_EQ(bin_start(1, 44100), 441);
  EXPECT_EQ(bin_start(1, 11025), 110);             // 110.25
  EXPECT_EQ(bin_start(2, 11025), 221);             // 220.5, ties away from zero
  EXPECT_EQ(bin_start(360000, 47999), 172796400);  // an hour: 3600 · 47999
}

TEST(LoudnessBins, AreFoundByTheirFrames) {
  for (double rate_hz : {8000.0, 11025.0, 44100.0, 47999.0, 192000.0})
    for (std::int64_t bin : {0, 1, 2, 99, 1000, 359999, 360000}) {
      EXPECT_EQ(bin_at(bin_start(bin, rate_hz), rate_hz), bin) << rate_hz;
      EXPECT_EQ(bin_at(bin_start(bin + 1, rate_hz) - 1, rate_hz), bin) << rate_hz;
    }
}

// Three pieces from rest, joined by powers of the matrix: the sequential filter but for rounding.
TEST(KWeighting, PiecesJoinToTheSequentialFilter) {
  constexpr int kPiece = 64;
  for (double rate_hz : {8000.0, 48000.0, 192000.0}) {
    const KWeightingDesign k = k_weighting_to_step(rate_hz);
    const KWeightingPower power = k_weighting_powers(k, kPiece, 2)[1];
    KWeightingState whole, joined;
    for (int piece = 0; piece < 3; ++piece) {
      KWeightingState rest;
      for (int n = 0; n < kPiece; ++n) {
        const double x = std::sin(0.01 * (n + kPiece * piece) * (piece + 1));
        step(k, whole, x);
        step(k, rest, x);
      }
      joined = advance(power, joined, rest);
    }
    EXPECT_NEAR(joined.shelf1, whole.shelf1, 1e-12) << rate_hz;
    EXPECT_NEAR(joined.shelf2, whole.shelf2, 1e-12) << rate_hz;
    EXPECT_NEAR(joined.high1, whole.high1, 1e-11) << rate_hz;
    EXPECT_NEAR(joined.high2, whole.high2, 1e-11) << rate_hz;
  }
}

TEST(LoudnessWindows, EqualTheDirectSums) {
  std::vector<double> bins(1000);
  for (std::size_t i = 0; i < bins.size(); ++i)
    bins[i] = static_cast<double>(i * 7919 % 101) * (i % 300 < 5 ? 1e6 : 1);
  for (int window : {1, 40, 300, 1000}) {
    for (int hop : {1, 10}) {
      const std::vector<double> powers = window_powers(bins, 11025, window, hop);
      ASSERT_EQ(powers.size(), (bins.size() - window) / hop + 1);
      for (std::size_t w = 0; w < powers.size(); ++w) {
        double sum = 0;
        for (int i = 0; i < window; ++i) sum += bins[w * hop + i];
        const auto first = static_cast<std::int64_t>(w) * hop;
        const Frames frames = bin_start(first + window, 11025) - bin_start(first, 11025);
        ASSERT_NEAR(powers[w], sum / static_cast<double>(frames), 1e-12 * powers[w]);
      }
    }
  }
  EXPECT_TRUE(window_powers(bins, 48000, 1001, 1).empty());
}

TEST(LoudnessGates, AreStrictAndStack) {
  const double at_gate = lufs_to_power(-70);
  EXPECT_FALSE(gated_loudness_lufs(std::vector<double>{at_gate * (1 - 1e-9)}).has_value());
  EXPECT_FALSE(gated_loudness_lufs(std::vector<double>{}).has_value());
  EXPECT_FALSE(gated_loudness_lufs(std::vector<double>{0, 0}).has_value());
  EXPECT_NEAR(*gated_loudness_lufs(std::vector<double>{lufs_to_power(-69.9)}), -69.9, 1e-9);
  // Mean of one block at −10 and one at −25 is −12.87; the gate lies at −22.87.
  const std::vector<double> two = {lufs_to_power(-10), lufs_to_power(-25), 0};
  EXPECT_NEAR(*gated_loudness_lufs(two), -10, 1e-9);
  const std::vector<double> close = {lufs_to_power(-10), lufs_to_power(-20), 0};
  EXPECT_NEAR(*gated_loudness_lufs(close), power_to_lufs((close[0] + close[1]) / 2), 1e-9);
}

TEST(LoudnessRange, TakesPercentilesOfTheGatedWindows) {
  std::vector<double> powers;
  for (int i = 0; i <= 100; ++i) powers.push_back(lufs_to_power(-30 + 0.1 * i));
  EXPECT_NEAR(*loudness_range_lu(powers), 8.5, 1e-9);
  powers.insert(powers.end(), 50, lufs_to_power(-60));  // below the relative gate of −20 LU
  EXPECT_NEAR(*loudness_range_lu(powers), 8.5, 1e-9);
  std::vector<double> twice = powers;
  twice.insert(twice.end(), powers.begin(), powers.end());
  EXPECT_NEAR(*loudness_range_lu(twice), 8.5, 0.1) << "a repeated programme has the same range";
  EXPECT_FALSE(loudness_range_lu(std::vector<double>{0, 0}).has_value());
}

}  // namespace
}  // namespace tutti::test
