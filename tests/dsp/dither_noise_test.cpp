// SPDX-License-Identifier: Apache-2.0
// The noise that dither makes of rounding, by its statistics: flat, and shaped.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <string>

#include "tests/dsp/dither_signals.hpp"

namespace tutti::test {
namespace {

struct Moments {
  double mean = 0;
  double variance = 0;
};

/// Of the error in steps.
Moments error_moments(const std::vector<std::int32_t>& out, const std::vector<float>& in,
                      int bits) {
  Moments moments;
  const double scale = std::ldexp(1.0, bits - 1);
  for (std::size_t n = 0; n < in.size(); ++n) moments.mean += out[n] - in[n] * scale;
  moments.mean /= static_cast<double>(in.size());
  for (std::size_t n = 0; n < in.size(); ++n) {
    moments.variance += std::pow(out[n] - in[n] * scale - moments.mean, 2);
  }
  moments.variance /= static_cast<double>(in.size());
  return moments;
}

// The noise of TPDF dither with its quantiser is (1/6 + 1/12) of a step squared: −93.3 dB below a
// full-scale sine at 16 bits, −96.33 dBFS. Constant with the input, and its mean is zero.
TEST(Dither, HasTheSameNoiseForEveryOffset) {
  constexpr std::size_t kFrames = 400000;  // the variance is then known to 0.01 dB (one sigma)
  for (int tenth = 0; tenth <= 10; ++tenth) {
    const auto in = constant(kFrames, tenth * 0.1 * kStep16);
    const Moments moments = error_moments(quantise(DitherKind::tpdf, 16, in), in, 16);
    EXPECT_NEAR(moments.mean, 0, 5 * 0.5 / std::sqrt(kFrames));
    EXPECT_NEAR(power_to_db(moments.variance), power_to_db(0.25), 0.05) << tenth;
  }
}

TEST(Dither, HasTheTextbookNoiseFloor) {
  for (const auto& [bits, floor_db] :
       {std::pair{16, -93.32}, std::pair{20, -117.40}, std::pair{24, -141.48}}) {
    const auto in = constant(400000, 0.1);
    const Moments moments = error_moments(quantise(DitherKind::tpdf, bits, in), in, bits);
    // Against a sine of full scale, whose power is 2^(2·bits − 3) steps squared.
    EXPECT_NEAR(power_to_db(moments.variance) - power_to_db(std::ldexp(1.0, 2 * bits - 3)),
                floor_db, 0.05)
        << bits;
  }
}

// A sine of one step: without dither it becomes a square wave with harmonics; with it, noise only.
TEST(Dither, RemovesTheHarmonicsOfALowLevelTone) {
  constexpr std::size_t kSize = 16384;
  constexpr std::size_t kBlocks = 128;
  constexpr std::size_t kBin = 341;  // about 1 kHz
  const auto in = sine(kSize * kBlocks, kStep16, static_cast<double>(kBin) / kSize);
  const auto harmonic_excess_db = [&](DitherKind kind) {
    const auto out = quantise(kind, 16, in);
    const auto spectrum = average_spectrum({out.begin(), out.end()}, kSize);
    double worst = -1000;
    for (std::size_t harmonic = 2; harmonic <= 20; ++harmonic) {
      const std::size_t bin = harmonic * kBin;
      double floor = 0;
      for (std::size_t k = bin - 60; k < bin - 10; ++k) floor += spectrum[k] / 50;
      worst = std::max(worst, power_to_db(spectrum[bin] / std::max(floor, 1e-30)));
    }
    return worst;
  };
  // A mean of 128 exponential values has a sigma of 1/sqrt(128) = 0.37 dB; the largest of the 19
  // harmonics may stand three and a half of them above the floor.
  EXPECT_LT(harmonic_excess_db(DitherKind::tpdf), 1.3);
  EXPECT_GT(harmonic_excess_db(DitherKind::none), 20);
}

// −120 dBFS is 0.033 of a 16-bit step: without dither silence, with it still there in the average.
TEST(Dither, KeepsAToneFarBelowOneStep) {
  constexpr std::size_t kPeriod = 48;
  constexpr std::size_t kPeriods = 200000 / kPeriod * 10;
  const double amplitude = 1e-6;
  const auto in = sine(kPeriod * kPeriods, amplitude, 1.0 / kPeriod);
  const auto out = quantise(DitherKind::tpdf, 16, in);
  double correlation = 0;
  for (std::size_t n = 0; n < out.size(); ++n) {
    correlation += out[n] * std::sin(2 * kPi * static_cast<double>(n) / kPeriod);
  }
  correlation *= 2.0 / static_cast<double>(out.size());
  // The noise of half a step averages down to 0.5·sqrt(2/frames) = 0.0005 steps.
  EXPECT_NEAR(correlation, amplitude / kStep16, 4 * 0.0005);
}

TEST(Dither, IsDecorrelatedBetweenChannelsAndSeeds) {
  const auto in = constant(200000, 0.0);
  const auto reference = quantise(DitherKind::tpdf, 16, in, 1, 0);
  const auto correlation = [&](const std::vector<std::int32_t>& other) {
    double sum = 0;
    for (std::size_t n = 0; n < in.size(); ++n) sum += static_cast<double>(reference[n]) * other[n];
    return sum / static_cast<double>(in.size()) / 0.25;
  };
  EXPECT_LT(std::abs(correlation(quantise(DitherKind::tpdf, 16, in, 1, 1))), 0.01);
  EXPECT_LT(std::abs(correlation(quantise(DitherKind::tpdf, 16, in, 2, 0))), 0.01);
  std::vector<std::int32_t> shifted(reference.begin() + 1, reference.end());
  shifted.push_back(0);
  EXPECT_LT(std::abs(correlation(shifted)), 0.01);
}

/// Threshold of hearing in dB SPL, written again from [Terhardt1979] as the independent weight.
double threshold_db(double khz) {
  return 3.64 / std::pow(khz, 0.8) - 6.5 * std::exp(-0.6 * std::pow(khz - 3.3, 2)) +
         std::pow(khz, 4) / 1000;
}

std::complex<double> noise_transfer(const std::vector<double>& feedback, double omega) {
  std::complex<double> sum = 1;
  for (std::size_t k = 0; k < feedback.size(); ++k) {
    sum += feedback[k] * std::polar(1.0, -omega * static_cast<double>(k + 1));
  }
  return sum;
}

class NoiseShapingTest : public testing::TestWithParam<double> {};

// [GerzonCraven1989]: the mean of log|NTF| of a monic minimum-phase filter is zero, and no filter
// can do better. It is zero only if no zero lies outside the unit circle: this is the stability of
// the inverse and the proof that nothing is wasted.
TEST_P(NoiseShapingTest, IsMonicAndMinimumPhase) {
  const auto feedback = design_noise_shaping(GetParam());
  double mean_log = 0;
  constexpr int kPoints = 1 << 14;
  for (int i = 0; i < kPoints; ++i) {
    mean_log += std::log(std::abs(noise_transfer(feedback, kPi * (i + 0.5) / kPoints))) / kPoints;
  }
  EXPECT_NEAR(mean_log, 0, 1e-6);
}

TEST_P(NoiseShapingTest, KeepsTheTotalNoiseWithin18Db) {
  double power = 1;
  for (const double coefficient : design_noise_shaping(GetParam()))
    power += coefficient * coefficient;
  EXPECT_LE(power_to_db(power), 18.001);
}

TEST_P(NoiseShapingTest, LowersTheAudibleNoise) {
  const auto feedback = design_noise_shaping(GetParam());
  double white = 0;
  double shaped = 0;
  for (int i = 0; i < 4000; ++i) {
    const double omega = kPi * (i + 0.5) / 4000;
    const double weight = std::pow(10.0, -threshold_db(omega / (2 * kPi) * GetParam() / 1000) / 10);
    white += weight;
    shaped += weight * std::norm(noise_transfer(feedback, omega));
  }
  // 17 dB is what the nine-coefficient filters of the literature reach at 44.1 kHz. Below 32 kHz
  // all of the band is audible and there is little to gain.
  const double least_db = GetParam() >= 44100 ? 17 : 1.5;
  EXPECT_GE(power_to_db(white / shaped), least_db);
}

TEST_P(NoiseShapingTest, ShapesTheErrorAsDesigned) {
  constexpr std::size_t kSize = 4096;
  const auto in = sine(kSize * 128, 0.25, 0.0123);
  const auto out = quantise(DitherKind::shaped, 16, in, 1, 0, GetParam());
  std::vector<double> error(in.size());
  for (std::size_t n = 0; n < in.size(); ++n) error[n] = out[n] - in[n] * 32768.0;
  const auto spectrum = average_spectrum(error, kSize);
  const auto feedback = design_noise_shaping(GetParam());
  const double window_power = 1.5 * kSize;  // of 1 − cos
  for (std::size_t k = 32; k + 32 < spectrum.size(); k += 64) {
    double measured = 0;
    double designed = 0;
    for (std::size_t i = k - 16; i < k + 16; ++i) {
      measured += spectrum[i] / window_power;
      designed +=
          0.25 * std::norm(noise_transfer(feedback, 2 * kPi * static_cast<double>(i) / kSize));
    }
    // 32 bins of 128 blocks: 0.07 dB is one sigma; the slope inside a bin adds some at the zeros.
    EXPECT_NEAR(power_to_db(measured), power_to_db(designed), 0.5) << "bin " << k;
  }
}

INSTANTIATE_TEST_SUITE_P(Rates, NoiseShapingTest,
                         testing::Values(8000.0, 22050.0, 44100.0, 48000.0, 88200.0, 96000.0,
                                         192000.0),
                         [](const auto& rate) {
                           return std::to_string(static_cast<int>(rate.param));
                         });

}  // namespace
}  // namespace tutti::test
