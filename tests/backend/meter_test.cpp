// SPDX-License-Identifier: Apache-2.0
// Meters on every machine.
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/backend_streams.hpp"
#include "tests/support/signals.hpp"

namespace tutti::test {
namespace {

const std::vector<double> kStereo = {1, 1};
const std::vector<double> kMono = {1};

void expect_same(const Measurement& a, const Measurement& b) {
  EXPECT_EQ(a.frames, b.frames);
  EXPECT_EQ(a.integrated_lufs, b.integrated_lufs);
  EXPECT_EQ(a.momentary_max_lufs, b.momentary_max_lufs);
  EXPECT_EQ(a.short_term_max_lufs, b.short_term_max_lufs);
  EXPECT_EQ(a.loudness_range_lu, b.loudness_range_lu);
  EXPECT_EQ(a.true_peak_dbtp, b.true_peak_dbtp);
  EXPECT_EQ(a.sample_peak_dbfs, b.sample_peak_dbfs);
  EXPECT_EQ(a.rms_dbfs, b.rms_dbfs);
  EXPECT_EQ(a.plr_db, b.plr_db);
  EXPECT_EQ(a.psr_min_db, b.psr_min_db);
  EXPECT_EQ(a.dc_offset, b.dc_offset);
  EXPECT_EQ(a.clipped_samples, b.clipped_samples);
  EXPECT_EQ(a.correlation, b.correlation);
}

void expect_near(const std::optional<double>& a, const std::optional<double>& b, double bound) {
  ASSERT_EQ(a.has_value(), b.has_value());
  if (!a) return;
  EXPECT_NEAR(*a, *b, bound);
}

class MeterOnEveryMachine : public ::testing::TestWithParam<Machine> {
 protected:
  Measurement heard(const Buffer& signal, const std::vector<double>& weights,
                    MeterParts parts = {}) const {
    return measure_on(*backend_, signal, 48000, weights, parts);
  }

  std::unique_ptr<Backend> backend_ = open_machine(GetParam());
};

TEST_P(MeterOnEveryMachine, DoesNotDependOnBlockSizes) {
  const Buffer signal = music_like(2, 150001, 48000, 9, 0.8);
  const Measurement whole = heard(signal, kStereo);
  ASSERT_TRUE(whole.short_term_max_lufs && whole.psr_min_db && whole.correlation);
  // The tiles of a mix; one frame; around a warp; around a span; one block larger than any other.
  const std::vector<std::vector<Frames>> all = {
      {4096}, {8192}, {1, 1, 31, 32, 33, 4095, 1, 4097, 63, 64, 65, 12000}, {150001}};
  for (const std::vector<Frames>& cuts : all) {
    SCOPED_TRACE(cuts.size());
    expect_same(measure_on(*backend_, signal, 48000, kStereo, {}, cuts), whole);
  }
}

TEST_P(MeterOnEveryMachine, TakesOneFrameAtATime) {
  const Buffer signal = white_noise(1, 300, 0.5, 3);
  const MeterParts parts{false, true, true};
  expect_same(measure_on(*backend_, signal, 48000, kMono, parts, {1}), heard(signal, kMono, parts));
}

TEST_P(MeterOnEveryMachine, ReadsASquareAndASineAtTheirTextbookLevels) {
  Buffer square(1, 48000);
  for (Frames n = 0; n < 48000; ++n) square.channel(0)[n] = n % 100 < 50 ? 0.5F : -0.5F;
  const Measurement a = heard(square, kMono);
  EXPECT_NEAR(*a.rms_dbfs, -6.0206, 1e-4);
  EXPECT_NEAR(*a.sample_peak_dbfs, -6.0206, 1e-4);
  const Measurement b = heard(sine(997, 1, 0, 96000, 48000), kMono);
  EXPECT_NEAR(*b.rms_dbfs, -3.0103, 1e-4);
  EXPECT_NEAR(*b.integrated_lufs, -3.0103, 0.001) << "the alignment tone of BS.1770";
  EXPECT_NEAR(*b.plr_db, *b.true_peak_dbtp - *b.integrated_lufs, 1e-12);
  EXPECT_FALSE(b.correlation.has_value()) << "of two channels only";
}

TEST_P(MeterOnEveryMachine, ReadsDualMonoThreeLouderThanMono) {
  const double mono = *heard(tone_steps({{1, -20}}, 48000, 1), kMono).integrated_lufs;
  const double dual = *heard(tone_steps({{1, -20}}, 48000, 2), kStereo).integrated_lufs;
  EXPECT_NEAR(dual - mono, 10 * std::log10(2.0), 1e-6);
}

TEST_P(MeterOnEveryMachine, FindsOffsetAndCorrelation) {
  Buffer signal = sine(1000, 0.5, 0, 48000, 48000, 2);
  for (Frames n = 0; n < 48000; ++n) {
    signal.channel(1)[n] *= -1;
    signal.channel(1)[n] -= 0.125F;
  }
  const Measurement result = heard(signal, kStereo, {false, false, true});
  EXPECT_NEAR(result.dc_offset, -0.125, 1e-7);
  // Σ l·r = −n/8, Σ l² = n/8, Σ r² = n (1/8 + 1/64).
  EXPECT_NEAR(*result.correlation, -0.125 / std::sqrt(0.125 * (0.125 + 1.0 / 64)), 1e-6);
}

TEST_P(MeterOnEveryMachine, CountsSamplesAtFullScale) {
  Buffer signal(2, 5000);
  for (Frames n : {0, 1023, 1024, 4999}) signal.channel(0)[n] = 32767.0F / 32768;
  signal.channel(1)[77] = -1;
  signal.channel(1)[78] = 1.5F;
  signal.channel(1)[79] = 0.9999F;
  EXPECT_EQ(heard(signal, kStereo).clipped_samples, 6);
}

TEST_P(MeterOnEveryMachine, SaysNothingOfSilence) {
  const Measurement result = heard(Buffer(2, 150000), kStereo);
  EXPECT_FALSE(result.integrated_lufs || result.momentary_max_lufs || result.short_term_max_lufs ||
               result.loudness_range_lu || result.true_peak_dbtp || result.sample_peak_dbfs ||
               result.rms_dbfs || result.plr_db || result.psr_min_db || result.correlation);
  EXPECT_EQ(result.dc_offset, 0);
  EXPECT_EQ(result.frames, 150000);
}

TEST_P(MeterOnEveryMachine, SaysNothingOfLoudnessBelow400Milliseconds) {
  const Measurement just_short = heard(tone_steps({{0.399, -20}}, 48000), kStereo);
  EXPECT_FALSE(just_short.integrated_lufs.has_value());
  EXPECT_TRUE(just_short.true_peak_dbtp.has_value());
  const Measurement enough = heard(tone_steps({{0.4, -20}}, 48000), kStereo);
  EXPECT_TRUE(enough.integrated_lufs.has_value());
  EXPECT_FALSE(enough.short_term_max_lufs.has_value());
}

TEST_P(MeterOnEveryMachine, ReadsNoFrameAndOneFrame) {
  const Measurement none = heard(Buffer(2, 0), kStereo);
  EXPECT_EQ(none.frames, 0);
  EXPECT_FALSE(none.true_peak_dbtp || none.rms_dbfs || none.integrated_lufs);
  Buffer one(1, 1);
  one.channel(0)[0] = 0.5F;
  const Measurement result = heard(one, kMono);
  EXPECT_NEAR(*result.sample_peak_dbfs, -6.0206, 1e-4);
  EXPECT_NEAR(*result.true_peak_dbtp, -6.0206, 1e-4);
  EXPECT_NEAR(result.dc_offset, 0.5, 1e-9);
}

TEST_P(MeterOnEveryMachine, HearsOnlyTheEdgeOfADirectVoltage) {
  Buffer constant(1, 100000);
  std::fill_n(constant.channel(0), 100000, 0.25F);
  const Measurement result = heard(constant, kMono);
  EXPECT_NEAR(result.dc_offset, 0.25, 1e-12);
  EXPECT_GT(*result.momentary_max_lufs, -60) << "the edge at frame 0 is heard";
  EXPECT_NEAR(*result.rms_dbfs, 20 * std::log10(0.25), 1e-9);
}

TEST_P(MeterOnEveryMachine, TakesSixteenChannelsOfUnlikeWeights) {
  const Buffer signal = white_noise(16, 24000, 0.1, 4);
  std::vector<double> weights(16, 1.0);
  weights[3] = 0;
  const Measurement all = heard(signal, weights, {true, false, true});
  Buffer one(1, signal.frames());
  std::copy_n(signal.channel(3), signal.frames(), one.channel(0));
  EXPECT_NEAR(*all.integrated_lufs - *heard(one, kMono).integrated_lufs, 10 * std::log10(15.0),
              0.2);
  EXPECT_NEAR(*all.rms_dbfs, 20 * std::log10(0.1 / std::sqrt(3.0)), 0.02);
}

TEST_P(MeterOnEveryMachine, StaysFiniteAtTheLargestFloatsAndReadsDenormalsAsSilence) {
  Buffer signal(1, 24000);
  for (Frames n = 0; n < 24000; ++n)
    signal.channel(0)[n] =
        (n / 3) % 2 ? std::numeric_limits<float>::max() : std::numeric_limits<float>::lowest();
  const Measurement result = heard(signal, kMono);
  EXPECT_TRUE(std::isfinite(*result.true_peak_dbtp));
  EXPECT_TRUE(std::isfinite(*result.integrated_lufs));
  EXPECT_TRUE(std::isfinite(*result.rms_dbfs));
  Buffer denormal(1, 24000);
  std::fill_n(denormal.channel(0), 24000, std::numeric_limits<float>::denorm_min());
  const Measurement nothing = heard(denormal, kMono);
  EXPECT_FALSE(nothing.momentary_max_lufs.has_value());
  EXPECT_FALSE(nothing.rms_dbfs.has_value());
}

TEST_P(MeterOnEveryMachine, SwitchesPartsOffWithoutChangingTheOthers) {
  const Buffer signal = music_like(2, 50000, 48000, 2, 1);
  const Measurement all = heard(signal, kStereo);
  const Measurement loudness = heard(signal, kStereo, {true, false, false});
  EXPECT_EQ(loudness.integrated_lufs, all.integrated_lufs);
  EXPECT_FALSE(loudness.true_peak_dbtp || loudness.rms_dbfs || loudness.plr_db);
  const Measurement peaks = heard(signal, kStereo, {false, true, false});
  EXPECT_EQ(peaks.true_peak_dbtp, all.true_peak_dbtp);
  const Measurement levels = heard(signal, kStereo, {false, false, true});
  EXPECT_EQ(levels.rms_dbfs, all.rms_dbfs);
  EXPECT_EQ(levels.sample_peak_dbfs, all.sample_peak_dbfs);
}

// PSR of each 3 s window from its own true peak, not from the programme's.
TEST_P(MeterOnEveryMachine, ReadsTheLeastPeakToShortTermRatioOfItsWindows) {
  // 4 s of tone (PSR = 3.01 dB less the K gain of 1 kHz), then 4 s of quiet clicks.
  Buffer signal = tone_steps({{4, -20}, {4, kMinusInfinityDb}}, 48000, 1);
  for (Frames n = 4 * 48000; n < 8 * 48000; n += 2400) signal.channel(0)[n] = 0.9F;
  const Measurement result = heard(signal, kMono);
  EXPECT_NEAR(*result.psr_min_db, 10 * std::log10(2.0) + 0.691 - 0.6977, 0.01);
  EXPECT_GT(*result.plr_db, 10);
}

TUTTI_ON_EVERY_MACHINE(MeterOnEveryMachine);

// Sums of doubles in another order, and filters composed from other pieces: 10⁻⁹ dB.
TEST(MeterParity, ReadsAlikeOnBothMachines) {
  const auto cpu = open_machine(Machine::cpu), cuda = open_machine(Machine::cuda);
  constexpr double kSumsDb = 1e-9;
  for (double rate_hz : {48000.0, 11025.0}) {
    const auto frames = static_cast<Frames>(3.3 * rate_hz);
    const Buffer signal = music_like(2, frames, rate_hz, 12, 1.4);
    const Measurement a = measure_on(*cpu, signal, rate_hz, {1, 1.41});
    const Measurement b = measure_on(*cuda, signal, rate_hz, {1, 1.41});
    expect_near(a.integrated_lufs, b.integrated_lufs, kSumsDb);
    expect_near(a.momentary_max_lufs, b.momentary_max_lufs, kSumsDb);
    expect_near(a.short_term_max_lufs, b.short_term_max_lufs, kSumsDb);
    expect_near(a.loudness_range_lu, b.loudness_range_lu, kSumsDb);
    expect_near(a.rms_dbfs, b.rms_dbfs, kSumsDb);
    expect_near(a.correlation, b.correlation, kSumsDb);
    EXPECT_NEAR(a.dc_offset, b.dc_offset, 1e-12);
    EXPECT_EQ(a.sample_peak_dbfs, b.sample_peak_dbfs);
    EXPECT_EQ(a.clipped_samples, b.clipped_samples);
    // Rounding of the interpolator where the CPU has no fused multiply-add.
    expect_near(a.true_peak_dbtp, b.true_peak_dbtp, 1e-6);
    expect_near(a.psr_min_db, b.psr_min_db, 1e-6);
    expect_near(a.plr_db, b.plr_db, 1e-6);
  }
}

}  // namespace
}  // namespace tutti::test
