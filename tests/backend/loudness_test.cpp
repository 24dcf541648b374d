// SPDX-License-Identifier: Apache-2.0
// Conformance on every machine: the signals of EBU Tech 3341 and 3342 V4 and of ITU-R BS.2217-2
// that can be made from their definitions. The CPU's own suite runs them in full and at more rates;
// here long steps are shortened in proportion, and the exact reading is then that of the standard's
// formulas in double.
#include <cmath>
#include <limits>
#include <vector>

#include "host/audio/channel_layout.hpp"
#include "host/dsp/loudness.hpp"
#include "tests/reference/loudness.hpp"
#include "tests/support/backend_streams.hpp"
#include "tests/support/signals.hpp"

namespace tutti::test {
namespace {

// The standards allow 0.1 LU (levels) and 1 LU (range); the same bounds as on the CPU.
constexpr double kLevelLu = 0.01;
constexpr double kRangeLu = 0.02;
// Where only the order of summation differs, and the digits of the standard's table.
constexpr double kExactLu = 1e-7;
constexpr double kSilence = -std::numeric_limits<double>::infinity();
constexpr double kRateHz = 48000;

/// Integrated loudness of equal channels: 400 ms blocks each 100 ms.
double exact_lufs(const Buffer& signal, double rate_hz) {
  ReferenceKWeighting filter(rate_hz);
  std::vector<double> energy = {0};
  for (Frames n = 0; n < signal.frames(); ++n) {
    const double y = filter(signal.channel(0)[n]);
    energy.push_back(energy.back() + signal.channels() * y * y);
  }
  std::vector<double> powers;
  for (std::int64_t bin = 0;; bin += kGatingHopBins) {
    const Frames first = bin_start(bin, rate_hz), last = bin_start(bin + kMomentaryBins, rate_hz);
    if (last > signal.frames()) return reference_gated_lufs(powers);
    powers.push_back((energy[last] - energy[first]) / static_cast<double>(last - first));
  }
}

class LoudnessOnEveryMachine : public ::testing::TestWithParam<Machine> {
 protected:
  Measurement heard(const Buffer& signal, const std::vector<double>& weights = {1, 1},
                    double rate_hz = kRateHz) const {
    return measure_on(*backend_, signal, rate_hz, weights, {true, false, false});
  }
  Measurement heard(std::initializer_list<ToneStep> steps) const {
    return heard(tone_steps(steps, kRateHz));
  }
  void expect_exact(std::initializer_list<ToneStep> steps) const {
    const Buffer signal = tone_steps(steps, kRateHz);
    EXPECT_NEAR(*heard(signal).integrated_lufs, exact_lufs(signal, kRateHz), kExactLu);
  }

  std::unique_ptr<Backend> backend_ = open_machine(GetParam());
};

TEST_P(LoudnessOnEveryMachine, Tech3341Cases1And2ReadSteadyTones) {
  const Measurement one = heard({{20, -23}});
  EXPECT_NEAR(*one.integrated_lufs, -22.9933, kLevelLu);
  EXPECT_NEAR(*one.momentary_max_lufs, -22.9928, kLevelLu);
  EXPECT_NEAR(*one.short_term_max_lufs, -22.9932, kLevelLu);
  EXPECT_NEAR(*heard({{2, -33}}).integrated_lufs, -32.9933, kLevelLu);
}

TEST_P(LoudnessOnEveryMachine, Tech3341Cases3To5GateSequencesOfTones) {
  expect_exact({{1, -36}, {6, -23}, {1, -36}});
  expect_exact({{1, -72}, {1, -36}, {6, -23}, {1, -36}, {1, -72}});
  expect_exact({{2, -26}, {2.01, -20}, {2, -26}});
}

TEST_P(LoudnessOnEveryMachine, Tech3341Case6WeighsSurroundChannels) {
  const double levels_dbfs[] = {-28, -28, -24, -30, -30};
  Buffer signal(5, static_cast<Frames>(4 * kRateHz));
  for (int c = 0; c < 5; ++c) {
    const Buffer tone = tone_steps({{4, levels_dbfs[c]}}, kRateHz, 1);
    std::copy_n(tone.channel(0), signal.frames(), signal.channel(c));
  }
  EXPECT_NEAR(*heard(signal, {1, 1, 1, 1.41, 1.41}).integrated_lufs, -23.0163, kLevelLu);
}

TEST_P(LoudnessOnEveryMachine, Tech3341Case9KeepsShortTermConstant) {
  std::vector<ToneStep> steps;
  for (int i = 0; i < 3; ++i) steps.insert(steps.end(), {{1.34, -20}, {1.66, -30}});
  EXPECT_NEAR(*heard(tone_steps(steps, kRateHz)).short_term_max_lufs, -22.9862, kLevelLu);
}

TEST_P(LoudnessOnEveryMachine, Tech3341Case12KeepsMomentaryConstant) {
  std::vector<ToneStep> steps;
  for (int i = 0; i < 5; ++i) steps.insert(steps.end(), {{0.18, -20}, {0.22, -30}});
  EXPECT_NEAR(*heard(tone_steps(steps, kRateHz)).momentary_max_lufs, -22.9601, kLevelLu);
}

TEST_P(LoudnessOnEveryMachine, Tech3341Case10FindsShortTermAtAnyOffset) {
  for (int i : {1, 7, 19})
    EXPECT_NEAR(*heard({{i * 0.15, kSilence}, {3, -23}, {0.2, kSilence}}).short_term_max_lufs,
                -22.9933, kLevelLu)
        << "file " << i;
}

TEST_P(LoudnessOnEveryMachine, Tech3341Cases13And14FindMomentaryAtAnyOffsetAndLevel) {
  for (int i = 0; i < 20; i += 3) {
    const double level = -38.0 + i;
    const Measurement result =
        heard({{i * 0.02, kSilence}, {0.4, level}, {0.4 - i * 0.02, kSilence}});
    EXPECT_NEAR(*result.momentary_max_lufs, level + 0.0064, kLevelLu) << "file " << i;
  }
}

// The range is a difference of levels: mono at a low rate reads the same.
TEST_P(LoudnessOnEveryMachine, Tech3342Cases1To4ReadTheLoudnessRange) {
  const auto range_lu = [&](std::initializer_list<ToneStep> steps) {
    return *heard(tone_steps(steps, 8000, 1), {1}, 8000).loudness_range_lu;
  };
  EXPECT_NEAR(range_lu({{20, -20}, {20, -30}}), 10, kRangeLu);
  EXPECT_NEAR(range_lu({{20, -20}, {20, -15}}), 5, kRangeLu);
  EXPECT_NEAR(range_lu({{20, -40}, {20, -20}}), 20, kRangeLu);
  EXPECT_NEAR(range_lu({{20, -50}, {20, -35}, {20, -20}, {20, -35}, {20, -50}}), 15, kRangeLu);
}

TEST_P(LoudnessOnEveryMachine, Bs2217TonesAtSixFrequenciesReadMinus23) {
  const double peaks_dbfs[][2] = {{25, -11.9162},   {100, -21.1755},  {500, -22.3515},
                                  {1000, -23.0067}, {2000, -25.3803}, {10000, -26.3509}};
  for (const auto& [frequency_hz, level_dbfs] : peaks_dbfs) {
    const Buffer tone = tone_steps({{4, level_dbfs}}, kRateHz, 1, frequency_hz);
    const double lufs = *heard(tone, {2}).integrated_lufs;  // as if it were in both channels
    // The onset weighs five times as much as in the 20 s of the standard.
    EXPECT_NEAR(lufs, -23, 5 * kLevelLu) << frequency_hz << " Hz";
    EXPECT_NEAR(lufs, exact_lufs(tone, kRateHz) + 10 * std::log10(2.0), kExactLu)
        << frequency_hz << " Hz";
  }
}

TEST_P(LoudnessOnEveryMachine, Bs2217ChannelChecksHearEachChannelOnItsOwn) {
  const ChannelLayout layout = *layout_by_name("5.1");
  const std::vector<double> weights(layout.loudness_weights.begin(), layout.loudness_weights.end());
  for (int c = 0; c < 6; ++c) {
    Buffer signal(6, static_cast<Frames>(0.6 * kRateHz));
    const double level_dbfs = weights[c] > 1 ? -21.4886 : -19.9964;
    const Buffer tone = tone_steps({{0.6, level_dbfs}}, kRateHz, 1);
    std::copy_n(tone.channel(0), signal.frames(), signal.channel(c));
    const Measurement result = heard(signal, weights);
    if (weights[c] == 0) {
      EXPECT_FALSE(result.integrated_lufs.has_value()) << "an LFE is never heard";
    } else {
      EXPECT_NEAR(*result.integrated_lufs, -23, kLevelLu) << "channel " << c;
    }
  }
}

TEST_P(LoudnessOnEveryMachine, Bs2217AbsoluteGateHearsBurstsAboveMinus70) {
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

TEST_P(LoudnessOnEveryMachine, Bs2217RelativeGateLiesTenBelow) {
  EXPECT_NEAR(*heard({{0.5, kSilence}, {0.9, -19.9}, {1.3, -7.1}, {0.8, -19.9}, {0.5, kSilence}})
                   .integrated_lufs,
              -10.0287, kLevelLu);
}

// Bins of 80 frames to those of 1,920, whole numbers of frames or not; short-term and range too.
TEST_P(LoudnessOnEveryMachine, AgreesWithTheSlowReferenceAtEveryRate) {
  for (double rate_hz : {8000.0, 11025.0, 44100.0, 47999.0, 192000.0}) {
    const double length_s = rate_hz < 20000 ? 7.3 : rate_hz < 100000 ? 3.3 : 0.9;
    const Buffer signal = music_like(2, static_cast<Frames>(length_s * rate_hz), rate_hz, 3, 0.7);
    const std::vector<double> weights = {1, 1.41};
    const Measurement ours = heard(signal, weights, rate_hz);
    const ReferenceLoudness truth =
        reference_loudness({channel_of(signal, 0), channel_of(signal, 1)}, weights, rate_hz);
    EXPECT_NEAR(*ours.integrated_lufs, truth.integrated_lufs, kExactLu) << rate_hz;
    EXPECT_NEAR(*ours.momentary_max_lufs, truth.momentary_max_lufs, kExactLu) << rate_hz;
    ASSERT_EQ(ours.short_term_max_lufs.has_value(), length_s > 3) << rate_hz;
    if (length_s < 3) continue;
    EXPECT_NEAR(*ours.short_term_max_lufs, truth.short_term_max_lufs, kExactLu) << rate_hz;
    EXPECT_NEAR(*ours.loudness_range_lu, truth.range_lu, kExactLu) << rate_hz;
  }
}

TUTTI_ON_EVERY_MACHINE(LoudnessOnEveryMachine);

}  // namespace
}  // namespace tutti::test
