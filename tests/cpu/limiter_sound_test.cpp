// SPDX-License-Identifier: Apache-2.0
// The course of the gain in time and over channels, and what it does to tones.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <string>

#include "tests/cpu/limiter_fixture.hpp"
#include "tests/support/limiter_battery.hpp"

namespace tutti::test {
namespace {

TEST(Limiter, FallsBeforeThePeakAndNoEarlierThanItsLookahead) {
  Buffer in(1, 20000);
  std::fill_n(in.channel(0), 20000, 0.25F);
  in.channel(0)[10000] = 2;
  LimiterSpec spec;
  spec.lookahead_ms = 5;
  const Buffer out = limited(spec, in);
  const Frames lookahead = 240;
  // The ripple of the interpolated click reaches a few samples further.
  for (Frames n = 0; n < 10000 - lookahead - 33; ++n) ASSERT_EQ(out.channel(0)[n], 0.25F);
  EXPECT_LT(out.channel(0)[9990], 0.9F * 0.25F);
  for (Frames n = 10000 - lookahead - 33; n < 9999; ++n)
    ASSERT_LE(out.channel(0)[n + 1], out.channel(0)[n]) << "falls without waves";
}

TEST(Limiter, ReleasesMonotonicallyIn63PercentOfItsTime) {
  Buffer in(1, 48000);
  std::fill_n(in.channel(0), 48000, 0.25F);
  in.channel(0)[4800] = 2;
  LimiterSpec spec;
  spec.release_ms = 100;
  const Buffer out = limited(spec, in);
  const auto reduction = [&](Frames n) { return 1 - out.channel(0)[n] / 0.25; };
  for (Frames n = 4900; n < 47999; ++n) ASSERT_GE(out.channel(0)[n + 1], out.channel(0)[n]);
  // The peak's last ripple above the ceiling ends within 32 frames; the smoothing of 1.5 ms adds
  // half of its length.
  const double start = reduction(4801);
  ASSERT_GT(start, 0.5);
  EXPECT_NEAR(reduction(4800 + 4800) / start, std::exp(-1.0), 0.01);
  EXPECT_NEAR(reduction(4800 + 480 + static_cast<Frames>(4320 * std::log(10.0))) / start, 0.1,
              0.003)
      << "T90: 10 ms of hold and ln 10 time constants of 90 ms";
}

TEST(Limiter, LinksChannelsAsAsked) {
  Buffer in(2, 10000);
  std::fill_n(in.channel(0), 10000, 1.0F);
  std::fill_n(in.channel(1), 10000, 0.25F);
  LimiterSpec spec;
  spec.ceiling_dbtp = -6;
  const auto right_db = [&](double link) {
    spec.link = link;
    return linear_to_db(limited(spec, in).channel(1)[5000] / 0.25);
  };
  EXPECT_NEAR(right_db(1), -6, 0.001);
  EXPECT_NEAR(right_db(0.5), -3, 0.001);
  EXPECT_EQ(right_db(0), 0);
}

TEST(Limiter, ReportsWhatItDid) {
  Buffer in = sine(1000, 1, 0, 48000, 48000);
  LimiterSpec spec;
  spec.input_gain_db = 3;
  Buffer out(1, in.frames());
  const LimiterReport report = limit(design(spec, 48000), in.view(), out.view());
  EXPECT_NEAR(report.max_reduction_db, 4, 0.2);  // the onset rings a little above the steady tone
  EXPECT_GT(report.reduced_frames, 47000);
}

// Amplitude of one frequency by correlation over whole periods.
double line_db(const Buffer& signal, double frequency_hz, Frames first, Frames count) {
  std::complex<double> sum = 0;
  for (Frames n = 0; n < count; ++n)
    sum += static_cast<double>(signal.channel(0)[first + n]) *
           std::polar(1.0, -2 * kPi * frequency_hz * static_cast<double>(n) / 48000);
  return linear_to_db(2 * std::abs(sum) / static_cast<double>(count));
}

double thd_db(double frequency_hz, double drive_db) {
  LimiterSpec spec;
  spec.ceiling_dbtp = 0;
  spec.input_gain_db = drive_db;
  const Buffer out = limited(spec, sine(frequency_hz, 1, 0, 3 * 48000, 48000));
  double power = 0;
  for (int h = 2; h <= 20; ++h)
    power += std::pow(10, line_db(out, h * frequency_hz, 48000, 48000) / 10);
  return 10 * std::log10(power) - line_db(out, frequency_hz, 48000, 48000);
}

// Held over half a wave, the gain of a steady tone stands still: what is left is float rounding.
TEST(Limiter, KeepsDistortionOfSteadyTonesLow) {
  for (double drive_db : {3.0, 6.0}) {
    RecordProperty("thd_100_hz_db_" + std::to_string(static_cast<int>(drive_db)),
                   std::to_string(thd_db(100, drive_db)));
    RecordProperty("thd_1_khz_db_" + std::to_string(static_cast<int>(drive_db)),
                   std::to_string(thd_db(1000, drive_db)));
    EXPECT_LE(thd_db(100, drive_db), -120);
    EXPECT_LE(thd_db(1000, drive_db), -120);
  }
}

// A bass tone at full scale with a tone of 1 kHz 20 dB below, driven by 4.8 dB: sidebands at 1 kHz
// plus and minus multiples of the bass, against the 1 kHz tone. The target of the design is −40 dB.
TEST(Limiter, KeepsIntermodulationByBassLow) {
  for (double bass_hz : {60.0, 80.0, 100.0, 150.0}) {
    Buffer in = sine(bass_hz, 1, 0, 3 * 48000, 48000);
    const Buffer tone = sine(1000, 0.1, 0, 3 * 48000, 48000);
    for (Frames n = 0; n < in.frames(); ++n) in.channel(0)[n] += tone.channel(0)[n];
    LimiterSpec spec;
    spec.ceiling_dbtp = 0;
    spec.input_gain_db = 4.8;
    const Buffer out = limited(spec, in);
    double power = 0;
    for (int k = 1; k <= 4; ++k)
      for (double side : {-1.0, 1.0})
        power += std::pow(10, line_db(out, 1000 + side * k * bass_hz, 48000, 48000) / 10);
    const double imd_db = 10 * std::log10(power) - line_db(out, 1000, 48000, 48000);
    RecordProperty("imd_db_" + std::to_string(static_cast<int>(bass_hz)), std::to_string(imd_db));
    EXPECT_LE(imd_db, -40) << bass_hz << " Hz";
  }
}

}  // namespace
}  // namespace tutti::test
