// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/expander.hpp"

#include <gtest/gtest.h>

#include "host/dsp/level_log2.hpp"
#include "tests/support/lane_runner.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

constexpr double kRateHz = 48000;
// As for the compressor: float logarithm and exponential of a full-scale signal.
constexpr double kExpanderDbfs = -120;

std::vector<float> expand_mono(const ExpanderSpec& spec, const std::vector<float>& input) {
  LaneProcessor lanes(program_of(expander_op(design(spec, kRateHz)), 1, 1));
  return run_lanes(lanes, {input})[0];
}

TEST(Expander, HoldsItsStaticCurveWithinAHundredthOfADecibel) {
  for (const double ratio : {1.0, 1.5, 4.0, 100.0}) {
    for (const double knee_db : {0.0, 12.0}) {
      ExpanderSpec spec;
      spec.attack_ms = spec.release_ms = 0;
      spec.ratio = ratio;
      spec.knee_db = knee_db;
      spec.range_db = -35;
      for (double level_db = -110; level_db <= 6; level_db += 2.3) {
        const double expected_db = reference::expander_gain_db(spec, level_db);
        const float x = static_cast<float>(db_to_linear(level_db));
        EXPECT_NEAR(linear_to_db(expand_mono(spec, {x, x})[1] / x), expected_db, 0.01);
        EXPECT_NEAR(
            static_gain_log2(design(spec, kRateHz), db_to_log2(level_db)) * kDbPerOctaveOfLevel,
            expected_db, 1e-9);
      }
    }
  }
}

TEST(Expander, OpensWithTheAttackAndClosesWithTheRelease) {
  ExpanderSpec spec;
  spec.threshold_db = -40;
  spec.ratio = 100;
  spec.range_db = -30;
  spec.attack_ms = 4;
  spec.release_ms = 60;
  std::vector<float> x(48000, 0.0005f);
  std::fill(x.begin() + 4800, x.begin() + 24000, 0.5f);
  const auto y = expand_mono(spec, x);
  const auto gain_db = [&](double ms, Frames from) {
    const Frames n = from + ms_to_frames(ms, kRateHz) - 1;
    return linear_to_db(y[n] / x[n]);
  };
  const double left = std::exp(-1.0);
  EXPECT_NEAR(gain_db(4, 4800), -30 * left, 0.01 * 30);
  // Closing passes the fast attack smoother too, which delays it by about the attack time.
  EXPECT_NEAR(gain_db(60 + 4, 24000), -30 * (1 - left), 0.01 * 30);
}

struct Case {
  const char* name;
  int channels = 1;
  ExpanderSpec spec = {};
  bool key = false;
  double mix = 1;
};

class ExpanderReference : public ::testing::TestWithParam<Case> {};

TEST_P(ExpanderReference, MatchesTheDoubleReference) {
  const Case& c = GetParam();
  const Audio input = programme(c.channels, 72000, 2);
  const Audio key = c.key ? programme(c.channels, 72000, 8) : Audio{};
  LaneOp op = expander_op(design(c.spec, kRateHz), 1, c.mix);
  op.external_key = c.key;
  LaneProcessor lanes(program_of(op, 1, c.channels));
  const Audio output = run_lanes(lanes, input, key);
  const auto truth = reference::expand(c.spec, kRateHz, to_double(input), to_double(key), c.mix);
  for (int channel = 0; channel < c.channels; ++channel) {
    EXPECT_RESIDUAL_BELOW(output[channel], truth[channel], kExpanderDbfs);
  }
}

ExpanderSpec with(const std::function<void(ExpanderSpec&)>& change) {
  ExpanderSpec spec;
  change(spec);
  return spec;
}

INSTANTIATE_TEST_SUITE_P(
    Options, ExpanderReference,
    ::testing::Values(Case{"Mono", 1, with([](auto&) {})},
                      Case{"StereoLinked", 2, with([](auto& s) { s.link = 1; })},
                      Case{"StereoHalfLinked", 2, with([](auto& s) { s.link = 0.5; })},
                      Case{"SixChannelsUnlinked", 6, with([](auto& s) { s.link = 0; })},
                      Case{"Instant", 1, with([](auto& s) { s.attack_ms = s.release_ms = 0; })},
                      Case{"GentleRatioNeverReachesTheRange", 1, with([](auto& s) {
                             s.ratio = 1.02;
                             s.range_db = -80;
                           })},
                      Case{"LookAhead", 2, with([](auto& s) { s.lookahead_ms = 3; })},
                      Case{"FilteredKey", 1, with([](auto& s) {
                             s.sidechain = SidechainSpec{"Kick", 400};
                           }),
                           true},
                      Case{"Parallel", 1, with([](auto&) {}), false, 0.3}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace tutti::test
