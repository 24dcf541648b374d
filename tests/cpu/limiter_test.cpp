// SPDX-License-Identifier: Apache-2.0
// The ceiling, the slow reference, and what a limiter leaves alone.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "tests/cpu/limiter_fixture.hpp"
#include "tests/reference/limiter.hpp"
#include "tests/support/limiter_battery.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

Buffer copy(const Buffer& from) {
  Buffer out(from.channels(), from.frames());
  for (int c = 0; c < from.channels(); ++c)
    std::copy_n(from.channel(c), from.frames(), out.channel(c));
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

}  // namespace
}  // namespace tutti::test
