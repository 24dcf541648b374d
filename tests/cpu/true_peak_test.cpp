// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "host/cpu/meter.hpp"
#include "host/cpu/true_peak.hpp"
#include "tests/reference/true_peak.hpp"
#include "tests/support/signals.hpp"

namespace tutti::test {
namespace {

const std::vector<double> kMono = {1};

double true_peak_dbtp(const Buffer& signal, double rate_hz = 48000) {
  return *measure(signal.view(), rate_hz, kMono, {false, true, false}).true_peak_dbtp;
}

std::span<const float> samples(const Buffer& signal) {
  return {signal.channel(0), static_cast<std::size_t>(signal.frames())};
}

class TruePeakConformance : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(AtRate, TruePeakConformance, testing::Values(44100, 48000, 96000, 192000),
                         testing::PrintToStringParamName());

// The interpolator is flat within 0.001 dB at these frequencies, and the peaks lie on its grid.
TEST_P(TruePeakConformance, Tech3341Cases15To19FindPeaksBetweenSamples) {
  const double rate_hz = GetParam();
  struct Case {
    double divisor, amplitude, phase_deg, exact_dbtp;
  };
  for (const Case& tone : {Case{4, 0.5, 0, -6.0206},
                           {4, 0.5, 45, -6.0206},
                           {6, 0.5, 60, -6.0206},
                           {8, 0.5, 67.5, -6.0206},
                           {4, 1.41, 45, 2.9844}}) {
    Buffer signal = sine(rate_hz / tone.divisor, tone.amplitude, tone.phase_deg * kPi / 180,
                         static_cast<Frames>(0.5 * rate_hz), rate_hz);
    fade_ends(signal, static_cast<Frames>(0.01 * rate_hz));
    EXPECT_NEAR(true_peak_dbtp(signal, rate_hz), tone.exact_dbtp, 0.001)
        << "fs/" << tone.divisor << " at " << tone.phase_deg << " degrees";
  }
}

// fs/6 at 0.5 with one period of fs/4 at 1.0 inside, made at four times the rate, band-limited and
// decimated at each of four offsets.
TEST_P(TruePeakConformance, Tech3341Cases20To23ReadAlikeAtEveryOffset) {
  const double rate_hz = GetParam();
  constexpr int kOver = 4, kPeriods = 300, kReach = 256;
  std::vector<double> fine;
  for (int half = 0; half < 2; ++half) {
    for (int n = 0; n < kPeriods * 6 * kOver; ++n)
      fine.push_back(0.5 * std::sin(2 * kPi * n / (6.0 * kOver)));
    if (half == 0)
      for (int n = 0; n < 4 * kOver; ++n) fine.push_back(std::sin(2 * kPi * n / (4.0 * kOver)));
  }
  double highest = -100, lowest = 100;
  for (int offset = 0; offset < kOver; ++offset) {
    Buffer signal(1, static_cast<Frames>(fine.size()) / kOver - 2 * kReach / kOver);
    for (Frames n = 0; n < signal.frames(); ++n) {
      double sum = 0;
      for (int k = -kReach; k <= kReach; ++k) {
        const double cutoff = 0.46 / kOver * 2;  // of the fine Nyquist frequency
        const double sinc = k == 0 ? cutoff : std::sin(kPi * cutoff * k) / (kPi * k);
        const double hann = 0.5 + 0.5 * std::cos(kPi * k / (kReach + 1.0));
        const Frames at = n * kOver + offset + kReach + k;
        if (at < static_cast<Frames>(fine.size())) sum += sinc * hann * fine[at];
      }
      signal.channel(0)[n] = static_cast<float>(sum);
    }
    fade_ends(signal, 100);
    const double peak = true_peak_dbtp(signal, rate_hz);
    EXPECT_LE(peak, 0.2);
    EXPECT_GE(peak, -0.4);
    highest = std::max(highest, peak);
    lowest = std::min(lowest, peak);
  }
  EXPECT_LE(highest - lowest, 0.02) << "one signal, four sampling instants";
}

// Skipping by bounds must not change a digit: the slow way computes every phase of every interval.
TEST(TruePeak, EqualsTheInterpolationOfEverything) {
  const Buffer signals[] = {white_noise(1, 9000, 0.5, 7), music_like(1, 9000, 48000, 5, 0.3),
                            music_like(1, 9000, 48000, 5, 2.0),
                            log_sweep(20, 23000, 0.7, 9000, 48000),
                            sine(11999, 0.9, 0.3, 9000, 48000)};
  for (const Buffer& signal : signals) {
    const double truth = 20 * std::log10(reference_true_peak(samples(signal)));
    EXPECT_NEAR(true_peak_dbtp(signal), truth, 2e-5) << "float interpolation of 64 taps";
  }
}

TEST(TruePeak, FindsEveryIntervalAboveAThreshold) {
  const Buffer noise = white_noise(1, 4 * kMeterBlockFrames, 0.5, 11);
  const Buffer music = music_like(1, 4 * kMeterBlockFrames, 48000, 12, 1.5);
  for (const Buffer* signal : {&noise, &music}) {
    const std::vector<double> truth = reference_interval_peaks(samples(*signal), 16);
    for (float threshold : {0.2F, 0.35F, 0.5F, 0.6F}) {
      TruePeakChannel channel;
      std::vector<float> peaks(kMeterBlockFrames);
      int found = 0;
      for (Frames at = 0; at < signal->frames(); at += kMeterBlockFrames) {
        channel.load(signal->channel(0) + at, kMeterBlockFrames);
        channel.over(threshold, peaks.data());
        for (int i = 0; i < kMeterBlockFrames; ++i) {
          const double expected = truth[at + i];
          if (expected > threshold + 1e-5) {
            EXPECT_NEAR(peaks[i], expected, 1e-5);
            ++found;
          } else if (expected < threshold - 1e-5) {
            EXPECT_EQ(peaks[i], 0);
          }
        }
      }
      EXPECT_GT(found, 0);
    }
  }
}

TEST(TruePeak, DoesNotDependOnBlockSizes) {
  const Buffer signal = white_noise(1, 6000, 0.6, 21);
  std::vector<float> whole, pieces;
  const auto run = [&](std::vector<int> sizes, std::vector<float>& out) {
    TruePeakChannel channel;
    std::vector<float> peaks(kMeterBlockFrames);
    std::size_t turn = 0;
    for (Frames at = 0; at < signal.frames();) {
      const int frames =
          static_cast<int>(std::min<Frames>(sizes[turn++ % sizes.size()], signal.frames() - at));
      channel.load(signal.channel(0) + at, frames);
      channel.over(0.6F, peaks.data());
      out.insert(out.end(), peaks.begin(), peaks.begin() + frames);
      at += frames;
    }
  };
  run({kMeterBlockFrames}, whole);
  run({1, 2, 3, 15, 16, 17, 63, 64, 65, 1000, 1024, 31}, pieces);
  EXPECT_EQ(whole, pieces);
}

TEST(TruePeak, HearsTheEdgesOfAnUnfadedSignal) {
  // +1, +1 between zeros peaks half-way at 4/π in theory.
  Buffer pair(1, 2);
  pair.channel(0)[0] = pair.channel(0)[1] = 1;
  EXPECT_NEAR(true_peak_dbtp(pair), 20 * std::log10(4 / kPi), 0.02);
  EXPECT_NEAR(true_peak_dbtp(pair), 20 * std::log10(reference_true_peak(samples(pair))), 2e-5);
}

TEST(TruePeak, BoundsHoldForWorstCases) {
  // Signs that line all taps of a phase up: nothing can read higher.
  const TruePeakDesign& design = true_peak_design();
  for (int phase : {1, 4, 8, 12, 15}) {
    Buffer worst(1, 200);
    double sum = 0;
    for (int k = 0; k < kTruePeakTaps; ++k) {
      worst.channel(0)[60 + k] = true_peak_tap(k, phase) < 0 ? -1.0F : 1.0F;
      sum += std::abs(true_peak_tap(k, phase));
    }
    EXPECT_GE(design.sum, sum);
    EXPECT_NEAR(true_peak_dbtp(worst), 20 * std::log10(reference_true_peak(samples(worst))), 2e-5);
    EXPECT_GE(true_peak_dbtp(worst), 20 * std::log10(sum) - 2e-5);
  }
}

}  // namespace
}  // namespace tutti::test
