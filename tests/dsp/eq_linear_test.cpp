// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "host/audio/units.hpp"
#include "host/dsp/eq.hpp"
#include "tests/reference/eq.hpp"

namespace tutti {
namespace {

EqBandSpec band(EqBandType type, double freq_hz, double gain_db, double slope = 12) {
  EqBandSpec spec;
  spec.type = type;
  spec.freq_hz = freq_hz;
  spec.gain_db = gain_db;
  spec.slope_db_per_oct = slope;
  return spec;
}

EqSpec linear(std::vector<EqBandSpec> bands) {
  EqSpec spec;
  spec.phase = EqPhase::linear;
  spec.bands = std::move(bands);
  return spec;
}

const std::vector<std::vector<EqBandSpec>> kSettings = {
    {band(EqBandType::bell, 1000, 6)},
    {band(EqBandType::high_pass, 30, 0, 24), band(EqBandType::bell, 300, -3),
     band(EqBandType::high_shelf, 8000, 4)},
    {band(EqBandType::low_shelf, 60, -9), band(EqBandType::low_pass, 15000, 0, 48)},
    {band(EqBandType::high_pass, 200, 0, 6), band(EqBandType::tilt, 1000, 6)},
};

TEST(EqLinear, FollowsTheProductOfThePrototypesAboveMinus60Db) {
  for (const double rate : {44100.0, 48000.0, 96000.0})
    for (const std::vector<EqBandSpec>& bands : kSettings) {
      const EqDesign numbers = design(linear(bands), rate);
      double lowest = rate;
      for (const EqBandSpec& b : bands) lowest = std::min(lowest, b.freq_hz);
      for (double f = lowest; f < std::min(20000.0, 0.45 * rate); f *= 1.05) {
        double truth = 1;
        for (const EqBandSpec& b : bands) truth *= reference::eq_magnitude(b, f);
        if (linear_to_db(truth) < -50) continue;  // the promise is −60 below the highest, up to +6
        const double got = std::abs(response(numbers, 2 * kPi * f / rate));
        EXPECT_NEAR(linear_to_db(got / truth), 0, 0.05) << rate << " " << f;
      }
    }
}

EqBandSpec narrow(double freq_hz, double gain_db, double q) {
  EqBandSpec spec = band(EqBandType::bell, freq_hz, gain_db);
  spec.q = q;
  return spec;
}

// Narrow and low bands, looked at from 20 Hz on a grid that no peak slips through.
TEST(EqLinear, HoldsNarrowAndLowBandsFrom20Hz) {
  const std::vector<EqBandSpec> bands = {
      narrow(100, 12, 8), narrow(60, -12, 4), band(EqBandType::high_shelf, 100, 6),
      band(EqBandType::low_shelf, 60, -6), band(EqBandType::high_pass, 100, 0, 12)};
  for (const EqBandSpec& b : bands) {
    const EqDesign numbers = design(linear({b}), 48000);
    for (double f = 20; f < 20000; f *= 1.003) {
      const double truth = reference::eq_magnitude(b, f);
      const double got = std::abs(response(numbers, 2 * kPi * f / 48000));
      ASSERT_NEAR(linear_to_db(got / truth), 0, 0.05) << b.freq_hz << " Hz band at " << f;
    }
  }
}

TEST(EqLinear, IsSymmetricAndOddAndSaysItsLatency) {
  for (const std::vector<EqBandSpec>& bands : kSettings) {
    const EqDesign numbers = design(linear(bands), 48000);
    const std::vector<double>& h = numbers.impulse;
    ASSERT_EQ(h.size() % 2, 1u);
    EXPECT_LE(h.size(), 192001u);
    EXPECT_EQ(numbers.latency_frames, static_cast<long>(h.size() / 2));
    EXPECT_TRUE(numbers.sections.empty());
    for (std::size_t n = 0; n < h.size(); ++n) ASSERT_EQ(h[n], h[h.size() - 1 - n]);
  }
}

TEST(EqLinear, IsNoLongerThanTheBandsNeed) {
  EXPECT_EQ(design(linear({band(EqBandType::high_shelf, 8000, 3)}), 48000).impulse.size(), 1023u);
  EXPECT_GT(design(linear({band(EqBandType::bell, 40, 6)}), 48000).impulse.size(), 4095u);
}

TEST(EqLinear, TakesTheLengthItIsGiven) {
  EqSpec spec = linear({band(EqBandType::bell, 1000, 6)});
  spec.length_ms = 50;
  EXPECT_EQ(design(spec, 48000).impulse.size(), 2401u);
  spec.length_ms = 0.01;
  EXPECT_EQ(design(spec, 48000).impulse.size(), 3u);
}

TEST(EqLinear, NoBandsAreAPureDelay) {
  const EqDesign numbers = design(linear({}), 48000);
  for (std::size_t n = 0; n < numbers.impulse.size(); ++n)
    EXPECT_NEAR(numbers.impulse[n], n == numbers.impulse.size() / 2 ? 1 : 0, 1e-15);
}

TEST(EqLinear, WithTheCurveRbjFollowsTheFiltersThatItNames) {
  EqSpec spec = linear({band(EqBandType::bell, 12000, 9)});
  spec.curve = EqCurve::rbj;
  const EqDesign numbers = design(spec, 48000);
  const std::vector<BiquadDesign> sections = design_band(spec.bands[0], EqCurve::rbj, 48000);
  for (double f = 1000; f < 20000; f *= 1.1) {
    const double omega = 2 * kPi * f / 48000;
    EXPECT_NEAR(std::abs(response(numbers, omega)) / std::abs(response(sections[0], omega)), 1,
                1e-3);
  }
}

TEST(EqLinear, RespondsAsItsImpulseDoes) {
  const EqDesign numbers = design(linear(kSettings[0]), 48000);
  for (const double omega : {0.0, 0.1, 1.3, 3.0}) {
    std::complex<double> sum = 0;
    for (std::size_t n = 0; n < numbers.impulse.size(); ++n)
      sum += numbers.impulse[n] * std::polar(1.0, -omega * static_cast<double>(n));
    EXPECT_LT(std::abs(sum - response(numbers, omega)), 1e-11);
  }
}

}  // namespace
}  // namespace tutti
