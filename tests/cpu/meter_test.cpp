// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/meter.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/reference/true_peak.hpp"
#include "tests/support/signals.hpp"
#ifdef TUTTI_HAVE_EBUR128
#include <ebur128.h>
#endif

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

TEST(Meter, DoesNotDependOnBlockSizes) {
  const Buffer signal = music_like(2, 200001, 48000, 9, 1.7);
  const Measurement whole = measure(signal.view(), 48000, kStereo);
  // One sample; around a vector; around the internal block; large.
  for (Frames size : {1, 31, 32, 33, 1023, 1024, 1025, 65536}) {
    Meter meter(48000, kStereo);
    for (Frames at = 0; at < signal.frames(); at += size)
      meter.process(signal.view().slice(at, std::min(size, signal.frames() - at)));
    SCOPED_TRACE(size);
    expect_same(meter.finish(), whole);
  }
}

TEST(Meter, ReadsASquareAndASineAtTheirTextbookLevels) {
  Buffer square(1, 48000);
  for (Frames n = 0; n < 48000; ++n) square.channel(0)[n] = n % 100 < 50 ? 0.5F : -0.5F;
  const Measurement a = measure(square.view(), 48000, kMono);
  EXPECT_NEAR(*a.rms_dbfs, -6.0206, 1e-4);
  EXPECT_NEAR(*a.sample_peak_dbfs, -6.0206, 1e-4);
  const Measurement b = measure(sine(997, 1, 0, 480000, 48000).view(), 48000, kMono);
  EXPECT_NEAR(*b.rms_dbfs, -3.0103, 1e-4);
  EXPECT_NEAR(*b.integrated_lufs, -3.0103, 0.001) << "the alignment tone of BS.1770";
  EXPECT_NEAR(*b.plr_db, *b.true_peak_dbtp - *b.integrated_lufs, 1e-12);
  EXPECT_FALSE(b.correlation.has_value()) << "of two channels only";
}

TEST(Meter, ReadsDualMonoThreeLouderThanMono) {
  const Buffer mono = tone_steps({{5, -20}}, 48000, 1);
  const Buffer dual = tone_steps({{5, -20}}, 48000, 2);
  EXPECT_NEAR(*measure(dual.view(), 48000, kStereo).integrated_lufs -
                  *measure(mono.view(), 48000, kMono).integrated_lufs,
              10 * std::log10(2.0), 1e-6);
}

TEST(Meter, FindsOffsetAndCorrelation) {
  Buffer signal = sine(1000, 0.5, 0, 48000, 48000, 2);
  for (Frames n = 0; n < 48000; ++n) {
    signal.channel(1)[n] *= -1;
    signal.channel(1)[n] -= 0.125F;
  }
  const Measurement result = measure(signal.view(), 48000, kStereo);
  EXPECT_NEAR(result.dc_offset, -0.125, 1e-7);
  // Σ l·r = −n/8, Σ l² = n/8, Σ r² = n (1/8 + 1/64).
  EXPECT_NEAR(*result.correlation, -0.125 / std::sqrt(0.125 * (0.125 + 1.0 / 64)), 1e-6);
}

TEST(Meter, CountsSamplesAtFullScale) {
  Buffer signal(2, 5000);
  for (Frames n : {0, 1023, 1024, 4999}) signal.channel(0)[n] = 32767.0F / 32768;
  signal.channel(1)[77] = -1;
  signal.channel(1)[78] = 1.5F;
  signal.channel(1)[79] = 0.9999F;
  EXPECT_EQ(measure(signal.view(), 48000, kStereo).clipped_samples, 6);
}

TEST(Meter, SaysNothingOfSilence) {
  const Measurement result = measure(Buffer(2, 480000).view(), 48000, kStereo);
  EXPECT_FALSE(result.integrated_lufs || result.momentary_max_lufs || result.short_term_max_lufs ||
               result.loudness_range_lu || result.true_peak_dbtp || result.sample_peak_dbfs ||
               result.rms_dbfs || result.plr_db || result.psr_min_db || result.correlation);
  EXPECT_EQ(result.dc_offset, 0);
  EXPECT_EQ(result.frames, 480000);
}

TEST(Meter, SaysNothingOfLoudnessBelow400Milliseconds) {
  const Measurement just_short = measure(tone_steps({{0.399, -20}}, 48000).view(), 48000, kStereo);
  EXPECT_FALSE(just_short.integrated_lufs.has_value());
  EXPECT_TRUE(just_short.true_peak_dbtp.has_value());
  const Measurement enough = measure(tone_steps({{0.4, -20}}, 48000).view(), 48000, kStereo);
  EXPECT_TRUE(enough.integrated_lufs.has_value());
  EXPECT_FALSE(enough.short_term_max_lufs.has_value());
}

TEST(Meter, ReadsNoFrameAndOneFrame) {
  EXPECT_EQ(measure(Buffer(2, 0).view(), 48000, kStereo).frames, 0);
  Buffer one(1, 1);
  one.channel(0)[0] = 0.5F;
  const Measurement result = measure(one.view(), 48000, kMono);
  EXPECT_NEAR(*result.sample_peak_dbfs, -6.0206, 1e-4);
  EXPECT_NEAR(*result.true_peak_dbtp, -6.0206, 1e-4);
  EXPECT_NEAR(result.dc_offset, 0.5, 1e-9);
}

TEST(Meter, IgnoresADirectVoltageInLoudness) {
  Buffer constant(1, 480000);
  std::fill_n(constant.channel(0), 480000, 0.25F);
  const Measurement result = measure(constant.view(), 48000, kMono);
  EXPECT_NEAR(result.dc_offset, 0.25, 1e-12);
  EXPECT_GT(*result.momentary_max_lufs, -60) << "the edge at frame 0 is heard";
  Meter meter(48000, kMono);
  meter.process(constant.view());
  EXPECT_LT(gating_block_powers(meter.readings()).back(), 1e-20) << "only rounding is left ten seconds later";
}

TEST(Meter, TakesSixteenChannels) {
  const Buffer signal = white_noise(16, 96000, 0.1, 4);
  const std::vector<double> weights(16, 1.0);
  const Measurement all = measure(signal.view(), 48000, weights);
  const Measurement one = measure(signal.view().channel_range(3, 1), 48000, kMono);
  EXPECT_NEAR(*all.integrated_lufs - *one.integrated_lufs, 10 * std::log10(16.0), 0.1);
}

TEST(Meter, StaysFiniteAtTheLargestFloats) {
  Buffer signal(1, 48000);
  for (Frames n = 0; n < 48000; ++n)
    signal.channel(0)[n] =
        (n / 3) % 2 ? std::numeric_limits<float>::max() : std::numeric_limits<float>::lowest();
  const Measurement result = measure(signal.view(), 48000, kMono);
  EXPECT_TRUE(std::isfinite(*result.true_peak_dbtp));
  EXPECT_TRUE(std::isfinite(*result.integrated_lufs));
  EXPECT_TRUE(std::isfinite(*result.rms_dbfs));
  Buffer denormal(1, 48000);
  std::fill_n(denormal.channel(0), 48000, std::numeric_limits<float>::denorm_min());
  EXPECT_FALSE(measure(denormal.view(), 48000, kMono).integrated_lufs.has_value());
}

TEST(Meter, SwitchesPartsOffWithoutChangingTheOthers) {
  const Buffer signal = music_like(2, 200000, 48000, 2, 1);
  const Measurement all = measure(signal.view(), 48000, kStereo);
  const Measurement loudness = measure(signal.view(), 48000, kStereo, {true, false, false});
  EXPECT_EQ(loudness.integrated_lufs, all.integrated_lufs);
  EXPECT_FALSE(loudness.true_peak_dbtp || loudness.rms_dbfs || loudness.plr_db);
  const Measurement peaks = measure(signal.view(), 48000, kStereo, {false, true, false});
  EXPECT_EQ(peaks.true_peak_dbtp, all.true_peak_dbtp);
  const Measurement levels = measure(signal.view(), 48000, kStereo, {false, false, true});
  EXPECT_EQ(levels.rms_dbfs, all.rms_dbfs);
  EXPECT_EQ(levels.sample_peak_dbfs, all.sample_peak_dbfs);
}

// PSR of each 3 s window from its own true peak, not from the programme's.
TEST(Meter, ReadsTheLeastPeakToShortTermRatioOfItsWindows) {
  // 4 s of tone (PSR = 3.01 dB less the K gain of 1 kHz), then 4 s of quiet clicks.
  Buffer signal = tone_steps({{4, -20}, {4, kMinusInfinityDb}}, 48000, 1);
  for (Frames n = 4 * 48000; n < 8 * 48000; n += 2400) signal.channel(0)[n] = 0.9F;
  const Measurement result = measure(signal.view(), 48000, kMono);
  EXPECT_NEAR(*result.psr_min_db, 10 * std::log10(2.0) + 0.691 - 0.6977, 0.01);
  EXPECT_GT(*result.plr_db, 10);
}

#ifdef TUTTI_HAVE_EBUR128
double ebur128_integrated_lufs(const Buffer& signal, int rate_hz) {
  ebur128_state* state = ebur128_init(signal.channels(), rate_hz, EBUR128_MODE_I);
  std::vector<float> frames;
  for (Frames n = 0; n < signal.frames(); ++n)
    for (int c = 0; c < signal.channels(); ++c) frames.push_back(signal.channel(c)[n]);
  ebur128_add_frames_float(state, frames.data(), signal.frames());
  double level_lufs = 0;
  ebur128_loudness_global(state, &level_lufs);
  ebur128_destroy(&state);
  return level_lufs;
}

TEST(Meter, AgreesWithLibebur128OnProgramme) {
  for (double drive : {0.1, 0.5, 2.0}) {
    const Buffer music = music_like(2, 48000 * 20, 48000, 31, drive);
    EXPECT_NEAR(*measure(music.view(), 48000, kStereo).integrated_lufs,
                ebur128_integrated_lufs(music, 48000), 1e-4);
    // At other rates libebur128 keeps the high pass at a gain of its own, 0.004 dB off at 44.1 kHz.
    const Buffer slower = music_like(2, 44100 * 20, 44100, 31, drive);
    EXPECT_NEAR(*measure(slower.view(), 44100, kStereo).integrated_lufs,
                ebur128_integrated_lufs(slower, 44100), 0.006);
  }
}
#endif

}  // namespace
}  // namespace tutti::test
