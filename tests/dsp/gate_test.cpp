// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/gate.hpp"

#include <gtest/gtest.h>

#include "tests/support/lane_runner.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

constexpr double kRateHz = 48000;
// The gain is smoothed in double and rounded once to float, the product once more: −144 dBFS each.
constexpr double kGateDbfs = -140;
// Fractional links pass a float logarithm and exponential; a decision may then fall a frame apart
// only within 1e-6 of a threshold, which these programmes do not meet.

std::vector<float> gate_mono(const GateSpec& spec, const std::vector<float>& input) {
  LaneProcessor lanes(program_of(gate_op(design(spec, kRateHz)), 1, 1));
  return run_lanes(lanes, {input})[0];
}

GateSpec instant() {
  GateSpec spec;
  spec.threshold_db = -20;
  spec.hysteresis_db = 6;
  spec.range_db = kMinusInfinityDb;
  spec.attack_ms = spec.release_ms = spec.hold_ms = 0;
  return spec;
}

TEST(Gate, OpensAboveTheThresholdAndClosesBelowTheHysteresis) {
  const float open = static_cast<float>(db_to_linear(-19.9));
  const float between = static_cast<float>(db_to_linear(-23));
  const float below = static_cast<float>(db_to_linear(-26.1));
  const std::vector<float> x = {between, open, between, below, between, open};
  const std::vector<float> y = gate_mono(instant(), x);
  EXPECT_EQ(y, (std::vector<float>{0, open, between, 0, 0, open}));
}

TEST(Gate, AFullScaleThresholdOpensOnlyAboveFullScale) {
  GateSpec spec = instant();
  spec.threshold_db = 0;
  EXPECT_EQ(gate_mono(spec, {1.0f, std::nextafter(1.0f, 2.0f)})[0], 0.0f);
  EXPECT_GT(gate_mono(spec, {1.0f, std::nextafter(1.0f, 2.0f)})[1], 0.0f);
}

TEST(Gate, TheHoldKeepsItOpenForItsFramesExactly) {
  GateSpec spec = instant();
  spec.hold_ms = 2;  // 96 frames
  std::vector<float> x(400, 0.001f);
  x[100] = 1.0f;
  const auto y = gate_mono(spec, x);
  EXPECT_EQ(y[99], 0.0f);
  EXPECT_EQ(y[100 + 96], 0.001f);
  EXPECT_EQ(y[100 + 97], 0.0f);
}

TEST(Gate, TheGainRisesWithTheAttackAndFallsToTheRangeWithTheRelease) {
  GateSpec spec = instant();
  spec.range_db = -20;
  spec.attack_ms = 2;
  spec.release_ms = 30;
  std::vector<float> x(48000, 0.001f);
  std::fill(x.begin() + 1000, x.begin() + 12000, 0.5f);
  const auto y = gate_mono(spec, x);
  const double left = std::exp(-1.0);
  EXPECT_NEAR(y[1000 + 96 - 1] / 0.5, 1 - 0.9 * left, 0.005);
  EXPECT_NEAR(y[12000 + 1440 - 1] / 0.001, 0.1 + 0.9 * left, 0.005);
  EXPECT_NEAR(linear_to_db(y.back() / x.back()), -20, 0.01);
}

struct Case {
  const char* name;
  int channels = 1;
  GateSpec spec = {};
  bool key = false;
  double mix = 1;
};

class GateReference : public ::testing::TestWithParam<Case> {};

TEST_P(GateReference, MatchesTheDoubleReference) {
  const Case& c = GetParam();
  const Audio input = programme(c.channels, 72000, 3);
  const Audio key = c.key ? programme(c.channels, 72000, 9) : Audio{};
  LaneOp op = gate_op(design(c.spec, kRateHz), 1, c.mix);
  op.external_key = c.key;
  LaneProcessor lanes(program_of(op, 1, c.channels));
  const Audio output = run_lanes(lanes, input, key);
  const auto truth = reference::gate(c.spec, kRateHz, to_double(input), to_double(key), c.mix);
  for (int channel = 0; channel < c.channels; ++channel) {
    EXPECT_RESIDUAL_BELOW(output[channel], truth[channel], kGateDbfs);
  }
}

GateSpec with(const std::function<void(GateSpec&)>& change) {
  GateSpec spec;
  spec.threshold_db = -32;
  change(spec);
  return spec;
}

INSTANTIATE_TEST_SUITE_P(
    Options, GateReference,
    ::testing::Values(Case{"Mono", 1, with([](auto&) {})},
                      Case{"StereoLinked", 2, with([](auto& s) { s.link = 1; })},
                      Case{"StereoUnlinked", 2, with([](auto& s) { s.link = 0; })},
                      Case{"StereoHalfLinked", 2, with([](auto& s) { s.link = 0.5; })},
                      Case{"SixChannels", 6, with([](auto& s) { s.link = 1; })},
                      Case{"NoHold", 1, with([](auto& s) { s.hold_ms = 0; })},
                      Case{"MutesWhenClosed", 1,
                           with([](auto& s) { s.range_db = kMinusInfinityDb; })},
                      Case{"LookAhead", 2, with([](auto& s) { s.lookahead_ms = 4; })},
                      Case{"FilteredKey", 1, with([](auto& s) {
                             s.sidechain = SidechainSpec{"Kick", 400};
                           }),
                           true},
                      Case{"Parallel", 1, with([](auto&) {}), false, 0.3}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace tutti::test
