// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/limiter.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <cstring>
#include <limits>
#include <vector>

#include "host/cpu/meter.hpp"
#include "tests/reference/limiter.hpp"
#include "tests/support/limiter_battery.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

constexpr double kOverDb = 0.02;  // what the product promises after quantisation

Buffer limited(const LimiterSpec& spec, const Buffer& in, double rate_hz = 48000) {
  Buffer out(in.channels(), in.frames());
  limit(design(spec, rate_hz), in.view(), out.view());
  return out;
}

double true_peak_dbtp(const Buffer& signal, double rate_hz) {
  const std::vector<double> weights(signal.channels(), 1.0);
  return measure(signal.view(), rate_hz, weights, {false, true, false})
      .true_peak_dbtp.value_or(-999);
}

std::span<const float> samples(const Buffer& signal, int c = 0) {
  return {signal.channel(c), static_cast<std::size_t>(signal.frames())};
}

Buffer copy(const Buffer& from) {
  Buffer out(from.channels(), from.frames());
  for (int c = 0; c < from.channels(); ++c)
    std::copy_n(from.channel(c), from.frames(), out.channel(c));
  return out;
}

Buffer two_channels(const Buffer& left, const Buffer& right) {
  Buffer out(2, std::min(left.frames(), right.frames()));
  std::copy_n(left.channel(0), out.frames(), out.channel(0));
  std::copy_n(right.channel(0), out.frames(), out.channel(1));
  return out;
}

class LimiterCeiling : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(AtRate, LimiterCeiling, testing::Values(44100, 48000, 96000, 192000),
                         testing::PrintToStringParamName());

TEST_P(LimiterCeiling, HoldsAfterQuantisationWhateverTheSignal) {
  const double rate_hz = GetParam();
  double worst_db = -100;
  for (const NamedSignal& item : limiter_battery(rate_hz))
    for (double ceiling_dbtp : {-1.0, -0.1, -6.0})
      for (double gain_db : {0.0, 12.0}) {
        LimiterSpec spec;
        spec.ceiling_dbtp = ceiling_dbtp;
        spec.input_gain_db = gain_db;
        Buffer out = limited(spec, item.signal, rate_hz);
        for (int bits : {24, 16}) {
          Buffer file = copy(out);
          quantise_with_dither(file, bits, 1);
          const double over_db = true_peak_dbtp(file, rate_hz) - ceiling_dbtp;
          worst_db = std::max(worst_db, over_db);
          EXPECT_LE(over_db, kOverDb) << item.name << " +" << gain_db << " dB, ceiling "
                                      << ceiling_dbtp << ", " << bits << " bits";
        }
      }
  RecordProperty("worst_over_db", std::to_string(worst_db));
}

TEST_P(LimiterCeiling, HoldsInStereoAtEveryLinkAndLookahead) {
  const double rate_hz = GetParam();
  const std::vector<NamedSignal> battery = limiter_battery(rate_hz);
  for (std::size_t i = 0; i + 1 < battery.size(); ++i)
    for (double link : {0.0, 0.4, 1.0}) {
      LimiterSpec spec;
      spec.link = link;
      spec.input_gain_db = 6;
      spec.lookahead_ms = i % 2 == 0 ? 0.1 : 5;
      spec.release_ms = i % 3 == 0 ? 1 : 200;
      const Buffer out =
          limited(spec, two_channels(battery[i].signal, battery[i + 1].signal), rate_hz);
      EXPECT_LE(true_peak_dbtp(out, rate_hz) + 1, kOverDb) << battery[i].name << ", link " << link;
    }
}

// A finer grid than the limiter's own sees what lies between its 16 points.
TEST(Limiter, HoldsOnAGridOf64PointsToASample) {
  for (const Buffer& in : {band_limited_noise(6000, 2, 3), music_like(1, 6000, 48000, 3, 3)}) {
    const Buffer out = limited({}, in);
    EXPECT_LE(20 * std::log10(reference_true_peak(samples(out), 64)) + 1, kOverDb);
  }
}

TEST(Limiter, PassesBitExactBelowTheCeiling) {
  const Buffer in = music_like(2, 50000, 48000, 8, 0.5);
  ASSERT_LT(true_peak_dbtp(in, 48000), -1);
  const LimiterDesign d = design({}, 48000);
  Limiter limiter(d, 2);
  Buffer out(2, in.frames());
  limiter.process(in.view(), out.view());
  for (int c = 0; c < 2; ++c)
    for (Frames n = 0; n < in.frames(); ++n)
      ASSERT_EQ(out.channel(c)[n], n < d.latency_frames ? 0 : in.channel(c)[n - d.latency_frames]);
  EXPECT_EQ(limiter.report().reduced_frames, 0);
  EXPECT_EQ(limiter.report().max_reduction_db, 0);
}

TEST(Limiter, PassesBitExactAgainAfterAReductionIsReleased) {
  Buffer in = music_like(1, 96000, 48000, 8, 0.5);
  in.channel(0)[5000] = 3;
  const Buffer out = limited({}, in);
  EXPECT_EQ(std::memcmp(out.channel(0), in.channel(0), 4800 * sizeof(float)), 0);
  // 60 ms release: 2⁻³⁰ is 21 time constants away, about 1.25 s.
  EXPECT_EQ(std::memcmp(out.channel(0) + 70000, in.channel(0) + 70000, 26000 * sizeof(float)), 0);
  EXPECT_LT(true_peak_dbtp(out, 48000), -1 + 1e-6);
}

TEST(Limiter, EqualsTheSlowReference) {
  for (const Buffer& in : {white_noise(1, 3000, 1.5, 2), music_like(1, 6000, 48000, 4, 3),
                           square(997, 1.4, 3000, 48000)}) {
    LimiterSpec spec;
    spec.release_ms = 20;
    const LimiterDesign d = design(spec, 48000);
    std::vector<ReferenceLimiterStage> stages;
    for (const LimiterStageDesign& s : d.stages)
      stages.push_back({s.window_frames,
                        {s.box_frames[0], s.box_frames[1], s.box_frames[2]},
                        s.hold_frames,
                        s.release_pole});
    const std::vector<double> truth = reference_limit({in.channel(0), in.channel(0) + in.frames()},
                                                      stages, d.ceiling, d.ceiling * (1 - 1e-5));
    // Float interpolation moves the gain by 10⁻⁷, and a peak that the reference sees just below the
    // ceiling may be just above it for the limiter, which costs its headroom of 10⁻⁵.
    EXPECT_RESIDUAL_BELOW(samples(limited(spec, in)), truth, -98);
  }
}

TEST(Limiter, DoesNotDependOnBlockSizes) {
  const Buffer in = two_channels(music_like(1, 30000, 48000, 4, 3), white_noise(1, 30000, 0.9, 4));
  for (double link : {1.0, 0.5, 0.0}) {
    LimiterSpec spec;
    spec.link = link;
    const LimiterDesign d = design(spec, 48000);
    Buffer whole(2, in.frames());
    Limiter(d, 2).process(in.view(), whole.view());
    for (Frames size : {1, 31, 32, 33, 1023, 1025, 4096}) {
      Limiter limiter(d, 2);
      Buffer out(2, in.frames());
      for (Frames at = 0; at < in.frames(); at += size) {
        const Frames count = std::min(size, in.frames() - at);
        limiter.process(in.view().slice(at, count), out.view().slice(at, count));
      }
      for (int c = 0; c < 2; ++c)
        ASSERT_EQ(std::memcmp(out.channel(c), whole.channel(c), in.frames() * sizeof(float)), 0)
            << "blocks of " << size << ", link " << link;
    }
  }
}

TEST(Limiter, AlignsItsOutputWhateverTheBlockSizes) {
  Buffer in = music_like(1, 5000, 48000, 4, 0.4);
  const LimiterDesign d = design({}, 48000);
  for (Frames size : {7, 100, 1024, 5000}) {
    AlignedLimiter limiter(d, 1);
    std::vector<float> out;
    Buffer block(1, size);
    for (Frames at = 0; at < in.frames(); at += size) {
      const Frames got =
          limiter.push(in.view().slice(at, std::min(size, in.frames() - at)), block.view());
      out.insert(out.end(), block.channel(0), block.channel(0) + got);
    }
    while (const Frames got = limiter.drain(block.view()))
      out.insert(out.end(), block.channel(0), block.channel(0) + got);
    ASSERT_EQ(out.size(), static_cast<std::size_t>(in.frames())) << size;
    EXPECT_EQ(std::memcmp(out.data(), in.channel(0), out.size() * sizeof(float)), 0) << size;
  }
}

TEST(Limiter, LimitsShortSignalsInPlace) {
  for (Frames frames : {0, 1, 2, 63, 64, 65}) {
    Buffer signal(1, frames);
    std::fill_n(signal.channel(0), frames, 2.0F);
    limit(design({}, 48000), signal.view(), signal.view());
    EXPECT_LE(true_peak_dbtp(signal, 48000) + 1, kOverDb) << frames;
  }
}

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

TEST(Limiter, KeepsSilenceAndSurvivesExtremes) {
  const Buffer silence = limited({}, Buffer(2, 5000));
  for (Frames n = 0; n < 5000; ++n) ASSERT_EQ(silence.channel(0)[n], 0);
  Buffer extreme = white_noise(1, 5000, 0.5, 3);
  extreme.channel(0)[1000] = std::numeric_limits<float>::max();
  extreme.channel(0)[1001] = std::numeric_limits<float>::lowest();
  extreme.channel(0)[3000] = std::numeric_limits<float>::denorm_min();
  const Buffer out = limited({}, extreme);
  for (Frames n = 0; n < 5000; ++n) ASSERT_TRUE(std::isfinite(out.channel(0)[n]));
  EXPECT_LE(true_peak_dbtp(out, 48000) + 1, kOverDb);
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
