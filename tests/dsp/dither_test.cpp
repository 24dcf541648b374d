// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/dither.hpp"

#include <fftw3.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numeric>

namespace tutti {
namespace {

constexpr double kStep16 = 1.0 / 32768;

std::vector<float> constant(std::size_t frames, double value) {
  return std::vector<float>(frames, static_cast<float>(value));
}

std::vector<float> sine(std::size_t frames, double amplitude, double cycles_per_frame) {
  std::vector<float> samples(frames);
  for (std::size_t n = 0; n < frames; ++n) {
    samples[n] = static_cast<float>(amplitude *
                                    std::sin(2 * kPi * cycles_per_frame * static_cast<double>(n)));
  }
  return samples;
}

std::vector<std::int32_t> quantise(DitherKind kind, int bits, const std::vector<float>& in,
                                   std::uint64_t seed = 1, int channel = 0,
                                   double sample_rate_hz = 48000) {
  Quantiser quantiser(kind, bits, sample_rate_hz, seed, channel);
  std::vector<std::int32_t> out(in.size());
  quantiser.process(0, in, out);
  return out;
}

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

/// Mean power of each bin over consecutive Hann-windowed blocks.
std::vector<double> average_spectrum(const std::vector<double>& samples, std::size_t size) {
  std::vector<double> power(size / 2 + 1);
  std::vector<double> block(size);
  std::vector<std::complex<double>> bins(size / 2 + 1);
  const fftw_plan plan =
      fftw_plan_dft_r2c_1d(static_cast<int>(size), block.data(),
                           reinterpret_cast<fftw_complex*>(bins.data()), FFTW_ESTIMATE);
  const std::size_t blocks = samples.size() / size;
  for (std::size_t b = 0; b < blocks; ++b) {
    for (std::size_t n = 0; n < size; ++n) {
      const double window =
          1 - std::cos(2 * kPi * static_cast<double>(n) / static_cast<double>(size));
      block[n] = samples[b * size + n] * window;
    }
    fftw_execute(plan);
    for (std::size_t k = 0; k < power.size(); ++k) {
      power[k] += std::norm(bins[k]) / static_cast<double>(blocks);
    }
  }
  fftw_destroy_plan(plan);
  return power;
}

// The vectors that the authors of the generator publish with it.
TEST(Philox, GivesThePublishedWords) {
  using Words = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// The dither of a frame is what the generator says for (seed, channel, frame), at every frame.
TEST(Dither, IsAFunctionOfSeedChannelAndFrame) {
  const std::uint64_t seed = 0x123456789abcdef0;
  Quantiser quantiser(DitherKind::tpdf, 16, 48000, seed, 5);
  const Frames first = (Frames{1} << 34) + 3;
  const auto in = constant(1000, 0.3 * kStep16);
  std::vector<std::int32_t> out(in.size());
  quantiser.process(first, in, out);
  for (std::size_t n = 0; n < in.size(); ++n) {
    const auto frame = static_cast<std::uint64_t>(first) + n;
    const auto words = philox(
        {static_cast<std::uint32_t>(frame / 4), static_cast<std::uint32_t>(frame / 4 >> 32), 5, 0},
        {0x9abcdef0, 0x12345678});
    const std::uint32_t word = words[frame % 4];
    const double noise =
        (static_cast<double>(word % 65536) - static_cast<double>(word / 65536)) / 65536;
    EXPECT_EQ(out[n], std::nearbyint(in[n] * 32768.0 + noise)) << n;
  }
}

TEST(Dither, DoesNotDependOnBlockSizes) {
  const auto in = sine(5000, 0.4, 0.01);
  for (const DitherKind kind : {DitherKind::none, DitherKind::tpdf, DitherKind::shaped}) {
    const auto whole = quantise(kind, 16, in);
    for (const std::size_t block : {1u, 3u, 4u, 127u, 256u, 257u, 1000u}) {
      Quantiser quantiser(kind, 16, 48000, 1, 0);
      std::vector<std::int32_t> out(in.size());
      for (std::size_t n = 0; n < in.size(); n += block) {
        const std::size_t count = std::min(block, in.size() - n);
        quantiser.process(static_cast<Frames>(n), std::span(in).subspan(n, count),
                          std::span(out).subspan(n, count));
      }
      EXPECT_EQ(out, whole) << block;
    }
  }
}

// A vector of counters may hold the frame where their low word wraps.
TEST(Dither, CountsOverTheEndOfAWord) {
  Quantiser quantiser(DitherKind::tpdf, 16, 48000, 77, 1);
  const Frames first = (Frames{1} << 34) - 42;
  const auto in = constant(200, 0.3 * kStep16);
  std::vector<std::int32_t> out(in.size());
  quantiser.process(first, in, out);
  for (std::size_t n = 0; n < in.size(); ++n) {
    const auto frame = static_cast<std::uint64_t>(first) + n;
    const std::uint32_t word = philox({static_cast<std::uint32_t>(frame / 4),
                                       static_cast<std::uint32_t>(frame / 4 >> 32), 1, 0},
                                      {77, 0})[frame % 4];
    const double noise =
        (static_cast<double>(word % 65536) - static_cast<double>(word / 65536)) / 65536;
    EXPECT_EQ(out[n], std::nearbyint(in[n] * 32768.0 + noise)) << n;
  }
}

// Two channels that share their time against the recursion of each, written as its definition: wanted
// = in + Σ h[k] · error[n − 1 − k], out = the nearest to wanted + noise.
TEST(Dither, ShapesTwoChannelsAsEachAlone) {
  constexpr std::size_t kFrames = 3001;
  const std::vector<double> h = design_noise_shaping(44100);
  const std::vector<float> in[] = {sine(kFrames, 0.4, 0.01), sine(kFrames, 1.2, 0.003)};  // one clips
  Quantiser left(DitherKind::shaped, 16, 44100, 9, 0), right(DitherKind::shaped, 16, 44100, 9, 1);
  std::vector<std::int32_t> out[] = {std::vector<std::int32_t>(kFrames), std::vector<std::int32_t>(kFrames)};
  std::int64_t clipped = 0, expected_clipped = 0;
  for (std::size_t n = 0; n < kFrames; n += 700) {
    const std::size_t count = std::min<std::size_t>(700, kFrames - n);
    clipped += left.process_two(right, static_cast<Frames>(n), count, {in[0].data() + n, out[0].data() + n},
                                {in[1].data() + n, out[1].data() + n});
  }
  for (std::uint32_t c = 0; c < 2; ++c) {
    std::vector<double> errors(kFrames);
    for (std::size_t n = 0; n < kFrames; ++n) {
      double wanted = in[c][n] * 32768.0;
      for (std::size_t k = 0; k < std::min(h.size(), n); ++k) wanted += h[k] * errors[n - 1 - k];
      const std::uint32_t word = philox({static_cast<std::uint32_t>(n / 4), 0, c, 0}, {9, 0})[n % 4];
      const double noise =
          (static_cast<double>(word % 65536) - static_cast<double>(word / 65536)) / 65536;
      const double rounded = std::nearbyint(wanted + noise);
      errors[n] = rounded - wanted;
      expected_clipped += rounded < -32768 || rounded > 32767;
      ASSERT_EQ(out[c][n], std::clamp(rounded, -32768.0, 32767.0)) << c << " " << n;
    }
  }
  EXPECT_EQ(clipped, expected_clipped);
  EXPECT_GT(clipped, 100);
}

TEST(Quantiser, ReturnsEveryWholeNumberItself) {
  for (const int bits : {8, 16, 20, 24}) {
    std::vector<float> in;
    std::vector<std::int32_t> truth;
    const std::int32_t full = 1 << (bits - 1);
    for (std::int64_t k = -full; k < full; k += std::max(1, full / 5000)) {
      truth.push_back(static_cast<std::int32_t>(k));
      in.push_back(static_cast<float>(std::ldexp(static_cast<double>(k), 1 - bits)));
    }
    EXPECT_EQ(quantise(DitherKind::none, bits, in), truth) << bits;
  }
}

TEST(Quantiser, RoundsToTheNearestAndTiesToEven) {
  const std::vector<float> in = {0.5f / 128,  1.5f / 128,  2.5f / 128,  -0.5f / 128,
                                 -1.5f / 128, 0.49f / 128, 0.51f / 128, -0.51f / 128};
  EXPECT_EQ(quantise(DitherKind::none, 8, in),
            (std::vector<std::int32_t>{0, 2, 2, 0, -2, 0, 1, -1}));
}

TEST(Quantiser, ClipsAndCounts) {
  const std::vector<float> in = {1.0f, 0.9999f, -1.0f, -1.01f, 1e30f, -1e30f, INFINITY, 0.0f};
  for (const DitherKind kind : {DitherKind::none, DitherKind::shaped}) {
    Quantiser quantiser(kind, 16, 48000, 1, 0);
    std::vector<std::int32_t> out(in.size());
    const auto clipped = quantiser.process(0, std::span(in).first(6), std::span(out).first(6));
    EXPECT_GE(clipped, 4);
    EXPECT_EQ(out[4], 32767);
    EXPECT_EQ(out[5], -32768);
  }
  const auto out = quantise(DitherKind::none, 16, in);
  EXPECT_EQ(out,
            (std::vector<std::int32_t>{32767, 32765, -32768, -32768, 32767, -32768, 32767, 0}));
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
}  // namespace tutti
