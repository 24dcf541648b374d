// SPDX-License-Identifier: Apache-2.0
// The true-peak limiter on every machine: as master processor and as insert.
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "host/cpu/meter.hpp"
#include "tests/reference/limiter.hpp"
#include "tests/support/backend_streams.hpp"
#include "tests/support/bounds.hpp"
#include "tests/support/limiter_battery.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

constexpr double kRateHz = 48000;
constexpr double kOverDb = 0.02;  // what the product promises after quantisation

double true_peak_dbtp(const Buffer& signal) {
  const std::vector<double> weights(static_cast<std::size_t>(signal.channels()), 1.0);
  return measure(signal.view(), kRateHz, weights, {false, true, false})
      .true_peak_dbtp.value_or(-999);
}

Buffer two_channels(const Buffer& left, const Buffer& right) {
  Buffer out(2, std::min(left.frames(), right.frames()));
  std::copy_n(left.channel(0), out.frames(), out.channel(0));
  std::copy_n(right.channel(0), out.frames(), out.channel(1));
  return out;
}

bool same_bits(const Buffer& a, const Buffer& b, Frames first, Frames last) {
  for (int c = 0; c < a.channels(); ++c)
    if (std::memcmp(a.channel(c) + first, b.channel(c) + first,
                    static_cast<std::size_t>(last - first) * sizeof(float)) != 0)
      return false;
  return true;
}

class LimiterOnEveryMachine : public ::testing::TestWithParam<Machine> {
 protected:
  Buffer limited(const LimiterSpec& spec, const Buffer& in, double rate_hz = kRateHz) const {
    return limit_aligned_on(*backend_, design(spec, rate_hz), in);
  }

  std::unique_ptr<Backend> backend_ = open_machine(GetParam());
};

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

TEST_P(LimiterOnEveryMachine, DoesNotDependOnBlockSizes) {
  const Buffer in = two_channels(music_like(1, 9000, kRateHz, 4, 3), white_noise(1, 9000, 0.9, 4));
  // One frame; around a warp, a chunk of the CUDA limiter and its latency. The tiles of a mix.
  const std::vector<Frames> awkward = {1, 31, 32, 33, 255, 1, 256, 257, 239, 3000};
  for (double link : {1.0, 0.5, 0.0}) {
    LimiterSpec spec;
    spec.link = link;
    spec.lookahead_ms = link == 0.5 ? 12 : 1.5;
    const LimiterDesign d = design(spec, kRateHz);
    const Limited whole = limit_on(*backend_, d, in);
    std::vector<std::vector<Frames>> all = {awkward};
    if (link == 1) all.insert(all.end(), {{4096}, {8192}});
    for (const std::vector<Frames>& cuts : all) {
      const Limited out = limit_on(*backend_, d, in, cuts);
      EXPECT_TRUE(same_bits(out.signal, whole.signal, 0, in.frames()))
          << "blocks of " << cuts[0] << ", link " << link;
      EXPECT_EQ(out.max_reduction_db, whole.max_reduction_db);
    }
  }
}

TEST_P(LimiterOnEveryMachine, TakesOneFrameAtATime) {
  const Buffer in = white_noise(1, 70, 3, 4);
  LimiterSpec spec;
  spec.lookahead_ms = 0.1;
  const LimiterDesign d = design(spec, kRateHz);
  EXPECT_TRUE(same_bits(limit_on(*backend_, d, in, {1}).signal, limit_on(*backend_, d, in).signal,
                        0, in.frames()));
}

// A block larger than what runs through the stages at once, and memories that grow with it.
TEST_P(LimiterOnEveryMachine, TakesBlocksOfAnyLength) {
  constexpr Frames kFrames = (Frames{1} << 18) + 5000;
  const Buffer in = music_like(1, kFrames, kRateHz, 4, 1.5);
  const LimiterDesign d = design(LimiterSpec{}, kRateHz);
  EXPECT_TRUE(same_bits(limit_on(*backend_, d, in, {kFrames}).signal,
                        limit_on(*backend_, d, in, {100, 5000, 80000}).signal, 0, kFrames));
}

TEST_P(LimiterOnEveryMachine, LimitsShortSignals) {
  for (Frames frames : {0, 1, 2, 63, 64, 65}) {
    Buffer signal(1, frames);
    std::fill_n(signal.channel(0), frames, 2.0F);
    EXPECT_LE(true_peak_dbtp(limited({}, signal)) + 1, kOverDb) << frames;
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

TEST_P(LimiterOnEveryMachine, InsertIsQuietOnlyAfterSilenceHasOutlastedItsMemory) {
  LimiterSpec spec;
  spec.release_ms = 1;
  const LimiterDesign d = design(spec, kRateHz);
  const auto insert = backend_->make_limiter_insert(d, 2);
  const Buffer noise = white_noise(2, 4096, 2, 9);
  const auto tile = put(*backend_, noise);
  const auto out = backend_->allocate(2, 4096);
  insert->process(tile->view(), out->view());
  EXPECT_FALSE(insert->quiet());
  const Samples first = take(*backend_, out->view());
  const TileView silence{nullptr, 2, 4096, 0};
  insert->process(silence, out->view());
  const Samples rest = take(*backend_, out->view());
  for (Frames silent = 4096; silent < limiter_memory_frames(d); silent += 4096) {
    EXPECT_FALSE(insert->quiet()) << silent;
    insert->process(silence, out->view());
  }
  EXPECT_TRUE(insert->quiet());
  insert->process(silence, out->view());
  for (const auto& channel : take(*backend_, out->view()))
    for (float x : channel) ASSERT_EQ(x, 0);
  // The same as the limiter of the master, and again after a reset.
  Buffer longer(2, 8192);
  for (int c = 0; c < 2; ++c) std::copy_n(noise.channel(c), 4096, longer.channel(c));
  const Limited whole = limit_on(*backend_, d, longer);
  for (std::size_t c = 0; c < 2; ++c) {
    const float* truth = whole.signal.channel(static_cast<int>(c));
    EXPECT_TRUE(std::equal(first[c].begin(), first[c].end(), truth));
    EXPECT_TRUE(std::equal(rest[c].begin(), rest[c].end(), truth + 4096));
  }
  insert->process(tile->view(), out->view());
  insert->reset();
  EXPECT_TRUE(insert->quiet());
  insert->process(tile->view(), out->view());
  EXPECT_EQ(take(*backend_, out->view()), first);
}

TUTTI_ON_EVERY_MACHINE(LimiterOnEveryMachine);

// The release differs in the last bits of a double, before it is cut to units of 2⁻³⁰; all else is
// equal integers and equal operations.
void expect_parity(const LimiterSpec& spec, double rate_hz, const Buffer& in) {
  const auto cpu = open_machine(Machine::cpu), cuda = open_machine(Machine::cuda);
  const LimiterDesign d = design(spec, rate_hz);
  const Limited a = limit_on(*cpu, d, in), b = limit_on(*cuda, d, in);
  for (int c = 0; c < in.channels(); ++c) {
    EXPECT_RESIDUAL_BELOW(channel_of(b.signal, c), channel_of(a.signal, c), bounds::kSessionDbfs);
    const double residual = residual_dbfs(channel_of(b.signal, c), channel_of(a.signal, c));
    ::testing::Test::RecordProperty("residual_dbfs_" + std::to_string(rate_hz) + "_" +
                                        std::to_string(spec.link) + "_" +
                                        std::to_string(spec.lookahead_ms) + "_" + std::to_string(c),
                                    std::to_string(residual));
  }
  EXPECT_GT(a.max_reduction_db, 1);
  EXPECT_NEAR(a.max_reduction_db, b.max_reduction_db, 1e-5);
}

TEST(LimiterParity, SoundsAlikeOnBothMachinesAtEveryLink) {
  const Buffer in =
      two_channels(music_like(1, 12000, kRateHz, 4, 3), white_noise(1, 12000, 0.9, 4));
  for (double link : {1.0, 0.5, 0.0}) {
    LimiterSpec spec;
    spec.link = link;
    spec.input_gain_db = link == 0.5 ? 9 : 3;
    spec.release_ms = link == 0 ? 500 : 60;
    SCOPED_TRACE(link);
    expect_parity(spec, kRateHz, in);
  }
}

// Windows from 3 frames to 11,523: shorter than a warp, 31, 32 and 33 frames (22 to 24 of
// look-ahead, the frame itself and 8 of hold), longer than all that was heard; boxes of 1 to 3,201.
TEST(LimiterParity, SoundsAlikeOnBothMachinesAtEveryWindow) {
  struct Case {
    double rate_hz, lookahead_ms, release_ms;
  };
  for (const Case& item : {Case{8000, 0.1, 1},
                           {48000, 22 / 48.0, 1},
                           {48000, 23 / 48.0, 1},
                           {48000, 24 / 48.0, 1},
                           {192000, 50, 60}}) {
    LimiterSpec spec;
    spec.lookahead_ms = item.lookahead_ms;
    spec.release_ms = item.release_ms;
    spec.input_gain_db = 6;
    SCOPED_TRACE(item.lookahead_ms);
    const Frames frames = item.rate_hz > 100000 ? 22000 : 4000;
    expect_parity(spec, item.rate_hz, music_like(1, frames, item.rate_hz, 5, 2));
  }
}

}  // namespace
}  // namespace tutti::test
