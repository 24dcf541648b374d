// SPDX-License-Identifier: Apache-2.0
// The true-peak limiter on every machine: its ceiling, its gain, its channels.
#include <cmath>
#include <limits>
#include <vector>

#include "tests/backend/limiter_fixture.hpp"
#include "tests/reference/limiter.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

TEST_P(LimiterOnEveryMachine, HoldsTheCeilingAfterQuantisationWhateverTheSignal) {
  double worst_db = -100;
  double gain_db = 0;
  for (const NamedSignal& item : limiter_battery(kRateHz)) {
    LimiterSpec spec;
    spec.input_gain_db = gain_db;
    Buffer out = limited(spec, item.signal);
    quantise_with_dither(out, gain_db == 0 ? 24 : 16, 1);
    const double over_db = true_peak_dbtp(out) - spec.ceiling_dbtp;
    worst_db = std::max(worst_db, over_db);
    EXPECT_LE(over_db, kOverDb) << item.name << " +" << gain_db << " dB";
    gain_db = 12 - gain_db;
  }
  RecordProperty("worst_over_db", std::to_string(worst_db));
}

TEST_P(LimiterOnEveryMachine, HoldsTheCeilingInStereoAtEveryLinkAndLookahead) {
  constexpr double kLowRateHz = 24000;  // half the work for the emulation
  const std::vector<NamedSignal> battery = limiter_battery(kLowRateHz);
  for (std::size_t i = 0; i + 1 < battery.size(); i += 2) {
    LimiterSpec spec;
    spec.link = i % 3 == 0 ? 0 : i % 3 == 1 ? 0.4 : 1;
    spec.input_gain_db = 6;
    spec.lookahead_ms = i % 4 == 0 ? 0.1 : 5;
    spec.release_ms = i % 3 == 0 ? 1 : 200;
    const Buffer out =
        limited(spec, two_channels(battery[i].signal, battery[i + 1].signal), kLowRateHz);
    EXPECT_LE(true_peak_dbtp(out) + 1, kOverDb) << battery[i].name << ", link " << spec.link;
  }
}

TEST_P(LimiterOnEveryMachine, PassesBitExactBelowTheCeiling) {
  const Buffer in = music_like(2, 20000, kRateHz, 8, 0.5);
  ASSERT_LT(true_peak_dbtp(in), -1);
  const LimiterDesign d = design(LimiterSpec{}, kRateHz);
  const Limited out = limit_on(*backend_, d, in);
  for (int c = 0; c < 2; ++c)
    for (Frames n = 0; n < in.frames(); ++n)
      ASSERT_EQ(out.signal.channel(c)[n],
                n < d.latency_frames ? 0 : in.channel(c)[n - d.latency_frames]);
  EXPECT_EQ(out.max_reduction_db, 0);
}

TEST_P(LimiterOnEveryMachine, PassesBitExactAgainAfterAReductionIsReleased) {
  Buffer in = music_like(1, 80000, kRateHz, 8, 0.5);
  in.channel(0)[5000] = 3;
  const Buffer out = limited({}, in);
  EXPECT_TRUE(same_bits(out, in, 0, 4800));
  // 60 ms release: 2⁻³⁰ is 21 time constants away, about 1.25 s.
  EXPECT_TRUE(same_bits(out, in, 70000, 80000));
  EXPECT_LT(true_peak_dbtp(out), -1 + 1e-6);
}

TEST_P(LimiterOnEveryMachine, EqualsTheSlowReference) {
  for (const Buffer& in : {white_noise(1, 3000, 1.5, 2), music_like(1, 6000, kRateHz, 4, 3),
                           square(997, 1.4, 3000, kRateHz)}) {
    LimiterSpec spec;
    spec.release_ms = 20;
    const LimiterDesign d = design(spec, kRateHz);
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
    EXPECT_RESIDUAL_BELOW(channel_of(limited(spec, in)), truth, -98);
  }
}

TEST_P(LimiterOnEveryMachine, FallsBeforeThePeakAndReleasesIn63PercentOfItsTime) {
  Buffer in(1, 24000);
  std::fill_n(in.channel(0), 24000, 0.25F);
  in.channel(0)[4800] = 2;
  LimiterSpec spec;
  spec.lookahead_ms = 5;
  spec.release_ms = 100;
  const Buffer out = limited(spec, in);
  const Frames lookahead = 240;
  // The ripple of the interpolated click reaches a few samples further.
  for (Frames n = 0; n < 4800 - lookahead - 33; ++n) ASSERT_EQ(out.channel(0)[n], 0.25F);
  EXPECT_LT(out.channel(0)[4790], 0.9F * 0.25F);
  for (Frames n = 4800 - lookahead - 33; n < 4799; ++n)
    ASSERT_LE(out.channel(0)[n + 1], out.channel(0)[n]) << "falls without waves";
  for (Frames n = 4800 + lookahead; n < 23999; ++n)
    ASSERT_GE(out.channel(0)[n + 1], out.channel(0)[n]);
  const auto reduction = [&](Frames n) { return 1 - out.channel(0)[n] / 0.25; };
  const double start = reduction(4801);
  ASSERT_GT(start, 0.5);
  // The smoothing of 5 ms adds half of its length to the release.
  EXPECT_NEAR(reduction(4800 + 4800) / start, std::exp(-1.0), 0.02);
}

TEST_P(LimiterOnEveryMachine, LinksChannelsAsAsked) {
  Buffer in(2, 6000);
  std::fill_n(in.channel(0), 6000, 1.0F);
  std::fill_n(in.channel(1), 6000, 0.25F);
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

TEST_P(LimiterOnEveryMachine, ReportsTheLargestReduction) {
  LimiterSpec spec;
  spec.input_gain_db = 3;
  const Limited out = limit_on(*backend_, design(spec, kRateHz), sine(1000, 1, 0, 9600, kRateHz));
  EXPECT_NEAR(out.max_reduction_db, 4, 0.2);  // the onset rings a little above the steady tone
}

TEST_P(LimiterOnEveryMachine, KeepsSilenceAndSurvivesExtremes) {
  const Buffer silence = limited({}, Buffer(2, 3000));
  for (Frames n = 0; n < 3000; ++n) ASSERT_EQ(silence.channel(0)[n], 0);
  Buffer extreme = white_noise(1, 5000, 0.5, 3);
  extreme.channel(0)[1000] = std::numeric_limits<float>::max();
  extreme.channel(0)[1001] = std::numeric_limits<float>::lowest();
  extreme.channel(0)[3000] = std::numeric_limits<float>::denorm_min();
  const Buffer out = limited({}, extreme);
  for (Frames n = 0; n < 5000; ++n) ASSERT_TRUE(std::isfinite(out.channel(0)[n]));
  EXPECT_LE(true_peak_dbtp(out) + 1, kOverDb);
}

TEST_P(LimiterOnEveryMachine, TakesSixteenChannels) {
  const Buffer in = white_noise(16, 1200, 1.5, 6);
  for (double link : {1.0, 0.7}) {
    LimiterSpec spec;
    spec.link = link;
    EXPECT_LE(true_peak_dbtp(limited(spec, in)) + 1, kOverDb) << link;
  }
}

TUTTI_ON_EVERY_MACHINE(LimiterOnEveryMachine);

}  // namespace
}  // namespace tutti::test
