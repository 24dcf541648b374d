// SPDX-License-Identifier: Apache-2.0
// The expander on every machine: its curve, its times, the slow reference, and who agrees with
// whom.
#include "tests/reference/expander.hpp"

#include "tests/support/bounds.hpp"
#include "tests/support/lane_render.hpp"
#include "tests/support/lane_runner.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

constexpr double kRateHz = 48000;

class ExpanderOnEveryMachine : public ::testing::TestWithParam<Machine> {};

TEST_P(ExpanderOnEveryMachine, HoldsItsStaticCurveWithinAHundredthOfADecibel) {
  constexpr int kStrips = 16;
  for (const double ratio : {1.0, 1.5, 4.0, 100.0}) {
    for (const double knee_db : {0.0, 12.0}) {
      ExpanderSpec spec;
      spec.attack_ms = spec.release_ms = 0;
      spec.ratio = ratio;
      spec.knee_db = knee_db;
      spec.range_db = -35;
      LaneStream stream{program_of(expander_op(design(spec, kRateHz), kStrips), kStrips, 1), {}};
      const auto level_db = [&](int strip) { return -110 + 7.3 * strip + 0.01 * ratio; };
      for (int strip = 0; strip < kStrips; ++strip)
        stream.inputs.emplace_back(2, static_cast<float>(db_to_linear(level_db(strip))));
      const Samples output = render_lanes(GetParam(), stream);
      for (int strip = 0; strip < kStrips; ++strip)
        EXPECT_NEAR(linear_to_db(output[strip][1] / stream.inputs[strip][1]),
                    reference::expander_gain_db(spec, level_db(strip)), 0.01);
    }
  }
}

TEST_P(ExpanderOnEveryMachine, OpensWithTheAttackAndClosesWithTheRelease) {
  ExpanderSpec spec;
  spec.threshold_db = -40;
  spec.ratio = 100;
  spec.range_db = -30;
  spec.attack_ms = 4;
  spec.release_ms = 60;
  std::vector<float> x(20000, 0.0005f);
  std::fill(x.begin() + 1200, x.begin() + 12000, 0.5f);
  const auto y =
      render_lanes(GetParam(), {program_of(expander_op(design(spec, kRateHz)), 1, 1), {x}})[0];
  const auto gain_db = [&](double ms, Frames from) {
    const Frames n = from + ms_to_frames(ms, kRateHz) - 1;
    return linear_to_db(y[n] / x[n]);
  };
  const double left = std::exp(-1.0);
  EXPECT_NEAR(gain_db(4, 1200), -30 * left, 0.01 * 30);
  // Closing passes the fast attack smoother too, which delays it by about the attack time.
  EXPECT_NEAR(gain_db(60 + 4, 12000), -30 * (1 - left), 0.01 * 30);
}

struct Case {
  const char* name;
  int channels = 1;
  ExpanderSpec spec = {};
  bool key = false;
  double mix = 1;
};

ExpanderSpec with(const std::function<void(ExpanderSpec&)>& change) {
  ExpanderSpec spec;
  change(spec);
  return spec;
}

std::vector<Case> cases() {
  return {Case{"Mono", 1, with([](auto&) {})},
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
          Case{"Parallel", 1, with([](auto&) {}), false, 0.3}};
}

LaneStream stream_of(const Case& c) {
  constexpr Frames kFrames = 50000;
  LaneOp op = expander_op(design(c.spec, kRateHz), 1, c.mix);
  op.external_key = c.key;
  return {program_of(op, 1, c.channels), programme(c.channels, kFrames, 2),
          c.key ? programme(c.channels, kFrames, 8) : Samples{}};
}

TEST_P(ExpanderOnEveryMachine, MatchesTheDoubleReferenceAndTheCpu) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const LaneStream stream = stream_of(c);
    const auto output = render_lanes(GetParam(), stream);
    const auto truth =
        reference::expand(c.spec, kRateHz, to_double(stream.inputs), to_double(stream.keys), c.mix);
    const auto cpu = GetParam() == Machine::cpu ? output : render_lanes(Machine::cpu, stream);
    for (int channel = 0; channel < c.channels; ++channel) {
      EXPECT_RESIDUAL_BELOW(output[channel], truth[channel], bounds::kSessionDbfs);
      EXPECT_RESIDUAL_BELOW(output[channel], cpu[channel], bounds::kSessionDbfs);
    }
  }
}

TEST_P(ExpanderOnEveryMachine, SilenceStaysSilence) {
  const std::vector<float> silence(5000);
  EXPECT_EQ(
      render_lanes(GetParam(),
                   {program_of(expander_op(design(ExpanderSpec{}, kRateHz)), 1, 1), {silence}})[0],
      silence);
}

TUTTI_ON_EVERY_MACHINE(ExpanderOnEveryMachine);

/// Two strips of two channels, the second of which moves in all that may move.
LaneStream moving_stream(Frames frames) {
  ExpanderSpec spec;
  spec.link = 0.6;
  spec.lookahead_ms = 2.5;
  LaneStream stream{program_of(expander_op(design(spec, kRateHz), 2, 0.8), 2, 2),
                    programme(4, frames, 3)};
  for (Frames frame = 0; frame < frames; frame += 64) {
    const double t = static_cast<double>(frame) / kRateHz;
    ExpanderSpec moved = spec;
    moved.threshold_db = -30 + 12 * std::sin(9 * t);
    moved.ratio = 3 + 2 * std::cos(5 * t);
    moved.knee_db = 6 + 6 * std::cos(7 * t);
    moved.range_db = -30 + 20 * std::cos(7 * t);
    moved.attack_ms = 10 + 9 * std::sin(4 * t);
    moved.release_ms = 90 + 80 * std::sin(3 * t);
    moved.link = 0.5 + 0.5 * std::sin(6 * t);
    stream.changes.push_back({frame, 0, 1, design(moved, kRateHz)});
  }
  return stream;
}

TEST(ExpanderOnCuda, MovesAsTheCpuDoes) {
  const LaneStream stream = moving_stream(30000);
  const auto cuda = render_lanes(Machine::cuda, stream), cpu = render_lanes(Machine::cpu, stream);
  for (std::size_t lane = 0; lane < cuda.size(); ++lane)
    EXPECT_RESIDUAL_BELOW(cuda[lane], cpu[lane], bounds::kSessionDbfs);
}

TEST(ExpanderOnCuda, HasTheSameBitsInTilesOfAnyLength) {
  const LaneStream stream = moving_stream(30000);
  const auto whole = render_lanes(Machine::cuda, stream, 65536);
  for (const Frames tile : {4096, 8192})
    EXPECT_EQ(render_lanes(Machine::cuda, stream, tile), whole) << tile;
}

}  // namespace
}  // namespace tutti::test
