// SPDX-License-Identifier: Apache-2.0
// Conformance: the signals of EBU Tech 3341 and 3342 V4 and of ITU-R BS.2217-2 that can be made
// from their definitions, against the exact readings of the mathematical signals.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "host/audio/channel_layout.hpp"
#include "host/cpu/meter.hpp"
#include "host/dsp/loudness.hpp"
#include "tests/reference/loudness.hpp"
#include "tests/support/signals.hpp"

namespace tutti::test {
namespace {

// The standards allow 0.1 LU (levels) and 1 LU (range). The K-weighting of other rates differs from
// that of 48 kHz by up to 0.008 dB (bilinear warping of the shelf), the rest is rounding.
constexpr double kLevelLu = 0.01;
constexpr double kRangeLu = 0.02;
constexpr double kSilence = -std::numeric_limits<double>::infinity();

class LoudnessConformance : public testing::TestWithParam<int> {
 protected:
  double rate_hz() const { return GetParam(); }

  Measurement heard(const Buffer& signal, std::vector<double> weights = {1, 1}) const {
    return measure(signal.view(), rate_hz(), weights, {true, false, false});
  }
  Measurement heard(std::initializer_list<ToneStep> steps) const {
    return heard(tone_steps(steps, rate_hz()));
  }
};

INSTANTIATE_TEST_SUITE_P(AtRate, LoudnessConformance, testing::Values(44100, 48000, 96000, 192000),
                         testing::PrintToStringParamName());

TEST_P(LoudnessConformance, Tech3341Cases1And2ReadSteadyTones) {
  const Measurement one = heard({{20, -23}});
  EXPECT_NEAR(*one.integrated_lufs, -22.9933, kLevelLu);
  EXPECT_NEAR(*one.momentary_max_lufs, -22.9928, kLevelLu);
  EXPECT_NEAR(*one.short_term_max_lufs, -22.9932, kLevelLu);
  EXPECT_NEAR(*heard({{20, -33}}).integrated_lufs, -32.9933, kLevelLu);
}

TEST_P(LoudnessConformance, Tech3341Cases3To5GateSequencesOfTones) {
  EXPECT_NEAR(*heard({{10, -36}, {60, -23}, {10, -36}}).integrated_lufs, -23.0139, kLevelLu);
  EXPECT_NEAR(*heard({{10, -72}, {10, -36}, {60, -23}, {10, -36}, {10, -72}}).integrated_lufs,
              -23.0139, kLevelLu);
  EXPECT_NEAR(*heard({{20, -26}, {20.1, -20}, {20, -26}}).integrated_lufs, -22.9787, kLevelLu);
}

TEST_P(LoudnessConformance, Tech3341Case6WeighsSurroundChannels) {
  const double levels_dbfs[] = {-28, -28, -24, -30, -30};
  Buffer signal(5, static_cast<Frames>(20 * rate_hz()));
  for (int c = 0; c < 5; ++c) {
    const Buffer tone = tone_steps({{20, levels_dbfs[c]}}, rate_hz(), 1);
    std::copy_n(tone.channel(0), signal.frames(), signal.channel(c));
  }
  EXPECT_NEAR(*heard(signal, {1, 1, 1, 1.41, 1.41}).integrated_lufs, -23.0163, kLevelLu);
}

TEST_P(LoudnessConformance, Tech3341Case9KeepsShortTermConstant) {
  std::vector<ToneStep> steps;
  for (int i = 0; i < 5; ++i) steps.insert(steps.end(), {{1.34, -20}, {1.66, -30}});
  EXPECT_NEAR(*heard(tone_steps(steps, rate_hz())).short_term_max_lufs, -22.9862, kLevelLu);
}

TEST_P(LoudnessConformance, Tech3341Case12KeepsMomentaryConstant) {
  std::vector<ToneStep> steps;
  for (int i = 0; i < 25; ++i) steps.insert(steps.end(), {{0.18, -20}, {0.22, -30}});
  EXPECT_NEAR(*heard(tone_steps(steps, rate_hz())).momentary_max_lufs, -22.9601, kLevelLu);
}

TEST_P(LoudnessConformance, Tech3341Case10FindsShortTermAtAnyOffset) {
  for (int i = 0; i < 20; ++i)
    EXPECT_NEAR(*heard({{i * 0.15, kSilence}, {3, -23}, {1, kSilence}}).short_term_max_lufs,
                -22.9933, kLevelLu)
        << "file " << i;
}

TEST_P(LoudnessConformance, Tech3341Case13FindsMomentaryAtAnyOffset) {
  for (int i = 0; i < 20; ++i)
    EXPECT_NEAR(*heard({{i * 0.02, kSilence}, {0.4, -23}, {1, kSilence}}).momentary_max_lufs,
                -22.9936, kLevelLu)
        << "file " << i;
}

// Cases 11 and 14 are live sequences of rising level; each of their steps is one file here.
TEST_P(LoudnessConformance, Tech3341Cases11And14ReadEachStepOfARisingSequence) {
  for (int i = 0; i < 20; ++i) {
    const double level = -38.0 + i;
    const Measurement slow = heard({{i * 0.15, kSilence}, {3, level}, {3 - i * 0.15, kSilence}});
    EXPECT_NEAR(*slow.short_term_max_lufs, level + 0.0067, kLevelLu) << "step " << i;
    const Measurement fast =
        heard({{i * 0.02, kSilence}, {0.4, level}, {0.4 - i * 0.02, kSilence}});
    EXPECT_NEAR(*fast.momentary_max_lufs, level + 0.0064, kLevelLu) << "step " << i;
  }
}

TEST_P(LoudnessConformance, Tech3342Cases1To4ReadTheLoudnessRange) {
  EXPECT_NEAR(*heard({{20, -20}, {20, -30}}).loudness_range_lu, 10, kRangeLu);
  EXPECT_NEAR(*heard({{20, -20}, {20, -15}}).loudness_range_lu, 5, kRangeLu);
  EXPECT_NEAR(*heard({{20, -40}, {20, -20}}).loudness_range_lu, 20, kRangeLu);
  EXPECT_NEAR(*heard({{20, -50}, {20, -35}, {20, -20}, {20, -35}, {20, -50}}).loudness_range_lu, 15,
              kRangeLu);
}

TEST_P(LoudnessConformance, Bs2217TonesAtSixFrequenciesReadMinus23) {
  const double peaks_dbfs[][2] = {{25, -11.9162},   {100, -21.1755},  {500, -22.3515},
                                  {1000, -23.0067}, {2000, -25.3803}, {10000, -26.3509}};
  for (const auto& [frequency_hz, level_dbfs] : peaks_dbfs)
    EXPECT_NEAR(*heard(tone_steps({{20, level_dbfs}}, rate_hz(), 2, frequency_hz)).integrated_lufs,
                -23, kLevelLu)
        << frequency_hz << " Hz";
}

TEST_P(LoudnessConformance, Bs2217ChannelChecksHearEachChannelOnItsOwn) {
  const ChannelLayout layout = *layout_by_name("5.1");
  const std::vector<double> weights(layout.loudness_weights.begin(), layout.loudness_weights.end());
  for (int c = 0; c < 6; ++c) {
    Buffer signal(6, static_cast<Frames>(5 * rate_hz()));
    const double level_dbfs = weights[c] > 1 ? -21.4886 : -19.9964;
    const Buffer tone = tone_steps({{5, level_dbfs}}, rate_hz(), 1);
    std::copy_n(tone.channel(0), signal.frames(), signal.channel(c));
    const Measurement result = heard(signal, weights);
    if (weights[c] == 0) {
      EXPECT_FALSE(result.integrated_lufs.has_value()) << "an LFE is never heard";
    } else {
      EXPECT_NEAR(*result.integrated_lufs, -23, kLevelLu) << "channel " << c;
    }
  }
}

TEST_P(LoudnessConformance, Bs2217AbsoluteGateHearsBurstsAboveMinus70) {
  EXPECT_NEAR(*heard({{0.8, kSilence},
                      {0.5, -69.48},
                      {0.5, kSilence},
                      {0.5, -69.48},
                      {0.5, kSilence},
                      {0.5, -69.48},
                      {0.7, kSilence}})
                   .integrated_lufs,
              -69.4734, kLevelLu);
}

// A relative gate of −8 LU would read −7.94 here; no case of Tech 3341 tells the two apart.
TEST_P(LoudnessConformance, Bs2217RelativeGateLiesTenBelow) {
  EXPECT_NEAR(*heard({{0.5, kSilence}, {0.9, -19.9}, {1.3, -7.1}, {0.8, -19.9}, {0.5, kSilence}})
                   .integrated_lufs,
              -10.0287, kLevelLu);
}

// A sweep of constant amplitude has at each moment the power of its frequency.
TEST_P(LoudnessConformance, SweepReadsTheMeanOfTheResponse) {
  constexpr double kFrom = 40, kTo = 18000, kSeconds = 20;
  const Buffer sweep =
      log_sweep(kFrom, kTo, 0.1, static_cast<Frames>(kSeconds * rate_hz()), rate_hz(), 2);
  const KWeightingDesign k48 = k_weighting(48000);
  std::vector<double> blocks;
  for (int b = 0; b + 4 <= 10 * kSeconds; ++b) {
    double sum = 0;
    for (int i = 0; i < 400; ++i) {
      const double part = (b / 10.0 + (i + 0.5) * 0.001) / kSeconds;
      const double f = kFrom * std::pow(kTo / kFrom, part);
      sum += 2 * 0.5 * 0.01 * std::norm(response(k48, 2 * kPi * f / 48000));
    }
    blocks.push_back(sum / 400);
  }
  EXPECT_NEAR(*heard(sweep).integrated_lufs, reference_gated_lufs(blocks), kLevelLu);
}

// Every rate that a file may have, whole numbers of samples to a bin or not.
TEST(Loudness, AgreesWithTheSlowReferenceAtEveryRate) {
  for (double rate_hz :
       {8000.0, 11025.0, 16000.0, 22050.0, 32000.0, 44100.0, 47999.0, 48000.0, 88200.0, 176400.0}) {
    const Buffer signal = music_like(2, static_cast<Frames>(7.3 * rate_hz), rate_hz, 3, 0.7);
    const std::vector<double> weights = {1, 1.41};
    const Measurement ours = measure(signal.view(), rate_hz, weights, {true, false, false});
    const ReferenceLoudness truth =
        reference_loudness({{signal.channel(0), static_cast<std::size_t>(signal.frames())},
                            {signal.channel(1), static_cast<std::size_t>(signal.frames())}},
                           weights, rate_hz);
    // Only the order of summation differs, and the digits of the standard's table.
    EXPECT_NEAR(*ours.integrated_lufs, truth.integrated_lufs, 1e-7) << rate_hz;
    EXPECT_NEAR(*ours.momentary_max_lufs, truth.momentary_max_lufs, 1e-7) << rate_hz;
    EXPECT_NEAR(*ours.short_term_max_lufs, truth.short_term_max_lufs, 1e-7) << rate_hz;
    EXPECT_NEAR(*ours.loudness_range_lu, truth.range_lu, 1e-7) << rate_hz;
  }
}

}  // namespace
}  // namespace tutti::test
