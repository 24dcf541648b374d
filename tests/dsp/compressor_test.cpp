// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/compressor.hpp"

#include <gtest/gtest.h>

#include "host/dsp/level_log2.hpp"
#include "tests/support/lane_runner.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

constexpr double kRateHz = 48000;
// Level and gain go through float logarithms and exponentials, 2e-7 each, of a full-scale signal:
// −130 dBFS, and twice that on transients.
constexpr double kCompressorDbfs = -120;

CompressorSpec instant() {
  CompressorSpec spec;
  spec.attack_ms = spec.release_ms = 0;
  return spec;
}

std::vector<float> compress_mono(const CompressorSpec& spec, const std::vector<float>& input) {
  LaneProcessor lanes(program_of(compressor_op(design(spec, kRateHz)), 1, 1));
  return run_lanes(lanes, {input})[0];
}

/// A level that jumps from `before_db` to `after_db` at frame `jump`.
std::vector<float> step(double before_db, double after_db, Frames jump, Frames frames) {
  std::vector<float> x(frames, static_cast<float>(db_to_linear(before_db)));
  std::fill(x.begin() + jump, x.end(), static_cast<float>(db_to_linear(after_db)));
  return x;
}

/// First frame from `jump` on where the gain has covered 63.2 % of its way in dB, as a time.
double time_constant_ms(const std::vector<float>& x, const std::vector<float>& y, Frames jump,
                        double start_db, double end_db) {
  const double aim = start_db + (end_db - start_db) * (1 - std::exp(-1.0));
  for (std::size_t n = jump; n < x.size(); ++n) {
    const double gain_db = linear_to_db(y[n] / x[n]);
    if ((gain_db - aim) * (end_db - start_db) >= 0) {
      return static_cast<double>(static_cast<Frames>(n) - jump + 1) * 1000 / kRateHz;
    }
  }
  return INFINITY;
}

TEST(Compressor, HoldsItsStaticCurveWithinAHundredthOfADecibel) {
  for (const double ratio : {1.0, 1.5, 2.0, 4.0, 20.0, static_cast<double>(INFINITY)}) {
    for (const double knee_db : {0.0, 6.0, 24.0}) {
      CompressorSpec spec = instant();
      spec.threshold_db = -20;
      spec.ratio = ratio;
      spec.knee_db = knee_db;
      const CompressorDesign machine = design(spec, kRateHz);
      for (double level_db = -80; level_db <= 12; level_db += 1.7) {
        const double expected_db = -reference::knee_db(level_db + 20, knee_db, 1 - 1 / ratio);
        const float x = static_cast<float>(db_to_linear(level_db));
        const auto y = compress_mono(spec, std::vector<float>(3, x));
        EXPECT_NEAR(linear_to_db(y[2] / x), expected_db, 0.01);
        EXPECT_NEAR(static_gain_log2(machine, db_to_log2(level_db)) * kDbPerOctaveOfLevel,
                    expected_db, 1e-9);
      }
    }
  }
}

TEST(Compressor, AnInfiniteRatioHoldsTheThreshold) {
  CompressorSpec spec = instant();
  spec.threshold_db = -18;
  spec.ratio = INFINITY;
  spec.knee_db = 0;
  EXPECT_NEAR(linear_to_db(compress_mono(spec, {1.0f, 1.0f})[1]), -18, 1e-4);
}

TEST(Compressor, TheAttackCoversSixtyThreePercentInItsTime) {
  for (const Ballistics ballistics : {Ballistics::decoupled, Ballistics::branching}) {
    for (const double attack_ms : {1.0, 10.0, 80.0}) {
      CompressorSpec spec;
      spec.ballistics = ballistics;
      spec.threshold_db = -30;
      spec.ratio = 3;
      spec.knee_db = 0;
      spec.attack_ms = attack_ms;
      spec.release_ms = 500;
      const auto x = step(-60, 0, 1000, 40000);
      const double end_db = -30 * (1 - 1.0 / 3);
      EXPECT_NEAR(time_constant_ms(x, compress_mono(spec, x), 1000, 0, end_db), attack_ms,
                  0.01 * attack_ms + 1000 / kRateHz);
    }
  }
}

TEST(Compressor, TheReleaseCoversSixtyThreePercentInItsTime) {
  for (const Ballistics ballistics : {Ballistics::decoupled, Ballistics::branching}) {
    for (const double release_ms : {5.0, 50.0, 300.0}) {
      CompressorSpec spec;
      spec.ballistics = ballistics;
      spec.threshold_db = -30;
      spec.ratio = 3;
      spec.knee_db = 0;
      spec.attack_ms = 0;  // the decoupled attack would add to the release
      spec.release_ms = release_ms;
      const auto x = step(0, -60, 1000, 60000);
      const double start_db = -30 * (1 - 1.0 / 3);
      EXPECT_NEAR(time_constant_ms(x, compress_mono(spec, x), 1000, start_db, 0), release_ms,
                  0.01 * release_ms + 1000 / kRateHz);
    }
  }
}

TEST(Compressor, MakeupIsAddedToTheGain) {
  CompressorSpec spec = instant();
  spec.makeup_db = 7.5;
  const auto y = compress_mono(spec, std::vector<float>(4, 0.001f));
  EXPECT_NEAR(linear_to_db(y[3] / 0.001f), 7.5, 1e-5);
}

TEST(Compressor, TheRmsDetectorReadsASineThreeDecibelsBelowItsPeak) {
  CompressorSpec spec = instant();
  spec.detector = Detector::rms;
  spec.rms_window_ms = 200;
  spec.threshold_db = -40;
  spec.ratio = INFINITY;
  spec.knee_db = 0;
  std::vector<float> x(96000);
  for (std::size_t n = 0; n < x.size(); ++n) {
    x[n] = static_cast<float>(std::sin(2 * kPi * 997.0 * static_cast<double>(n) / kRateHz));
  }
  const auto y = compress_mono(spec, x);
  double sum = 0;
  for (std::size_t n = 48000; n < x.size(); ++n) sum += y[n] * y[n];
  EXPECT_NEAR(power_to_db(sum / 48000), -40, 0.02);
}

struct Case {
  const char* name;
  int channels = 1;
  CompressorSpec spec = {};
  bool key = false;
  double mix = 1;
};

class CompressorReference : public ::testing::TestWithParam<Case> {};

TEST_P(CompressorReference, MatchesTheDoubleReference) {
  const Case& c = GetParam();
  const Audio input = programme(c.channels, 72000, 1);
  const Audio key = c.key ? programme(c.channels, 72000, 7) : Audio{};
  LaneOp op = compressor_op(design(c.spec, kRateHz), 1, c.mix);
  op.external_key = c.key;
  LaneProcessor lanes(program_of(op, 1, c.channels));
  const Audio output = run_lanes(lanes, input, key);
  const auto truth = reference::compress(c.spec, kRateHz, to_double(input), to_double(key), c.mix);
  for (int channel = 0; channel < c.channels; ++channel) {
    EXPECT_RESIDUAL_BELOW(output[channel], truth[channel], kCompressorDbfs);
  }
  EXPECT_EQ(lanes.latency_frames(), std::llround(c.spec.lookahead_ms * kRateHz / 1000));
}

CompressorSpec with(const std::function<void(CompressorSpec&)>& change) {
  CompressorSpec spec;
  spec.threshold_db = -28;
  spec.ratio = 4;
  change(spec);
  return spec;
}

INSTANTIATE_TEST_SUITE_P(
    Options, CompressorReference,
    ::testing::Values(
        Case{"Mono", 1, with([](auto&) {})},
        Case{"StereoLinked", 2, with([](auto& s) { s.link = 1; })},
        Case{"StereoUnlinked", 2, with([](auto& s) { s.link = 0; })},
        Case{"StereoHalfLinked", 2, with([](auto& s) { s.link = 0.5; })},
        Case{"SixChannels", 6, with([](auto& s) { s.link = 0.8; })},
        Case{"SixteenChannels", 16, with([](auto& s) { s.link = 1; })},
        Case{"ElevenChannels", 11, with([](auto& s) { s.link = 1; })},
        Case{"Instant", 1, with([](auto& s) { s.attack_ms = s.release_ms = 0; })},
        Case{"LongRelease", 1, with([](auto& s) { s.release_ms = 20000; })},
        Case{"Branching", 1, with([](auto& s) { s.ballistics = Ballistics::branching; })},
        Case{"Rms", 2, with([](auto& s) { s.detector = Detector::rms; })},
        Case{"RmsBranching", 1, with([](auto& s) {
               s.detector = Detector::rms;
               s.ballistics = Ballistics::branching;
             })},
        Case{"HardKneeLimiter", 1, with([](auto& s) {
               s.ratio = INFINITY;
               s.knee_db = 0;
             })},
        Case{"LookAhead", 2, with([](auto& s) { s.lookahead_ms = 5; })},
        Case{"ShortLookAhead", 1, with([](auto& s) { s.lookahead_ms = 0.5; })},
        Case{"Key", 2, with([](auto& s) {
               s.sidechain = SidechainSpec{"Kick", {}};
             }),
             true},
        Case{"KeyFilter", 2, with([](auto& s) {
               s.sidechain = SidechainSpec{"", 150};
             })},
        Case{"FilteredKey", 1, with([](auto& s) {
               s.sidechain = SidechainSpec{"Kick", 3000};
             }),
             true},
        Case{"Parallel", 2, with([](auto& s) { s.makeup_db = 6; }), false, 0.4},
        Case{"ParallelLookAhead", 1, with([](auto& s) { s.lookahead_ms = 2; }), false, 0.5}),
    [](const auto& test) { return test.param.name; });

TEST(Compressor, AKeyHighPassAtOrAboveNyquistIsAnIssue) {
  CompressorSpec spec;
  spec.sidechain = SidechainSpec{"", 12000};
  EXPECT_TRUE(validate(spec, 48000).empty());
  const auto issues = validate(spec, 24000);
  ASSERT_EQ(issues.size(), 1u);
  EXPECT_EQ(issues[0].field, "sidechain.high_pass_hz");
}

}  // namespace
}  // namespace tutti::test
