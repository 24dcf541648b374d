// SPDX-License-Identifier: Apache-2.0
// The gate on every machine: its decisions frame by frame, its times, the slow reference, and who
// agrees with whom.
#include "tests/reference/gate.hpp"

#include "tests/support/bounds.hpp"
#include "tests/support/lane_render.hpp"
#include "tests/support/lane_runner.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

constexpr double kRateHz = 48000;
// The gain is smoothed in double and rounded once to float, the product once more: −144 dBFS each.
constexpr double kGateDbfs = bounds::kSumDbfs;

GateSpec instant() {
  GateSpec spec;
  spec.threshold_db = -20;
  spec.hysteresis_db = 6;
  spec.range_db = kMinusInfinityDb;
  spec.attack_ms = spec.release_ms = spec.hold_ms = 0;
  return spec;
}

class GateOnEveryMachine : public ::testing::TestWithParam<Machine> {
 protected:
  std::vector<float> gate(const GateSpec& spec, const std::vector<float>& input) const {
    return render_lanes(GetParam(), {program_of(gate_op(design(spec, kRateHz)), 1, 1), {input}})[0];
  }
};

TEST_P(GateOnEveryMachine, OpensAboveTheThresholdAndClosesBelowTheHysteresis) {
  const float open = static_cast<float>(db_to_linear(-19.9));
  const float between = static_cast<float>(db_to_linear(-23));
  const float below = static_cast<float>(db_to_linear(-26.1));
  const std::vector<float> x = {between, open, between, below, between, open};
  EXPECT_EQ(gate(instant(), x), (std::vector<float>{0, open, between, 0, 0, open}));
}

TEST_P(GateOnEveryMachine, AFullScaleThresholdOpensOnlyAboveFullScale) {
  GateSpec spec = instant();
  spec.threshold_db = 0;
  const auto y = gate(spec, {1.0f, std::nextafter(1.0f, 2.0f)});
  EXPECT_EQ(y[0], 0.0f);
  EXPECT_GT(y[1], 0.0f);
}

TEST_P(GateOnEveryMachine, DecidesAsTheStateMachineDoes) {
  // Rare loud frames in a noise between and below the thresholds. Holds around a run of a thread
  // (16), around a chunk (4,096), and longer than two.
  for (const Frames hold : {0, 1, 15, 16, 17, 300, 4095, 4096, 4097, 9000}) {
    GateSpec spec = instant();
    spec.hold_ms = static_cast<double>(hold) * 1000 / kRateHz;
    const Frames frames = 20000 + 3 * hold;
    std::vector<float> x(frames);
    std::mt19937 random(static_cast<unsigned>(hold));
    std::uniform_real_distribution<double> chance(0, 1);
    const double rare = 1.0 / static_cast<double>(2 * hold + 8);
    for (float& sample : x) {
      const double dice = chance(random);
      sample = dice < rare ? 0.5f : dice < 3 * rare ? -0.07f : 0.001f;
    }
    const auto truth = reference::gate(spec, kRateHz, to_double({x}));
    const auto y = gate(spec, x);
    for (Frames n = 0; n < frames; ++n)
      ASSERT_EQ(y[n], static_cast<float>(truth[0][n])) << "hold " << hold << " frame " << n;
  }
}

TEST_P(GateOnEveryMachine, TheGainRisesWithTheAttackAndFallsToTheRangeWithTheRelease) {
  GateSpec spec = instant();
  spec.range_db = -20;
  spec.attack_ms = 2;
  spec.release_ms = 30;
  std::vector<float> x(30000, 0.001f);
  std::fill(x.begin() + 1000, x.begin() + 12000, 0.5f);
  const auto y = gate(spec, x);
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

GateSpec with(const std::function<void(GateSpec&)>& change) {
  GateSpec spec;
  spec.threshold_db = -32;
  change(spec);
  return spec;
}

std::vector<Case> cases() {
  return {Case{"Mono", 1, with([](auto&) {})},
          Case{"StereoLinked", 2, with([](auto& s) { s.link = 1; })},
          Case{"StereoUnlinked", 2, with([](auto& s) { s.link = 0; })},
          Case{"StereoHalfLinked", 2, with([](auto& s) { s.link = 0.5; })},
          Case{"SixChannels", 6, with([](auto& s) { s.link = 1; })},
          Case{"NoHold", 1, with([](auto& s) { s.hold_ms = 0; })},
          Case{"MutesWhenClosed", 1, with([](auto& s) { s.range_db = kMinusInfinityDb; })},
          Case{"LookAhead", 2, with([](auto& s) { s.lookahead_ms = 4; })},
          Case{"FilteredKey", 1, with([](auto& s) {
                 s.sidechain = SidechainSpec{"Kick", 400};
               }),
               true},
          Case{"Parallel", 1, with([](auto&) {}), false, 0.3}};
}

LaneStream stream_of(const Case& c) {
  constexpr Frames kFrames = 50000;
  LaneOp op = gate_op(design(c.spec, kRateHz), 1, c.mix);
  op.external_key = c.key;
  return {program_of(op, 1, c.channels), programme(c.channels, kFrames, 3),
          c.key ? programme(c.channels, kFrames, 9) : Samples{}};
}

TEST_P(GateOnEveryMachine, MatchesTheDoubleReferenceAndTheCpu) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const LaneStream stream = stream_of(c);
    const auto output = render_lanes(GetParam(), stream);
    const auto truth =
        reference::gate(c.spec, kRateHz, to_double(stream.inputs), to_double(stream.keys), c.mix);
    const auto cpu = GetParam() == Machine::cpu ? output : render_lanes(Machine::cpu, stream);
    for (int channel = 0; channel < c.channels; ++channel) {
      EXPECT_RESIDUAL_BELOW(output[channel], truth[channel], kGateDbfs);
      EXPECT_RESIDUAL_BELOW(output[channel], cpu[channel], kGateDbfs);
    }
  }
}

TEST_P(GateOnEveryMachine, SilenceStaysSilence) {
  const std::vector<float> silence(5000);
  EXPECT_EQ(gate(GateSpec{}, silence), silence);
}

TUTTI_ON_EVERY_MACHINE(GateOnEveryMachine);

/// Two strips of two channels, the second of which moves in all that may move.
LaneStream moving_stream(Frames frames) {
  GateSpec spec;
  spec.threshold_db = -30;
  spec.lookahead_ms = 2.5;
  LaneStream stream{program_of(gate_op(design(spec, kRateHz), 2, 0.8), 2, 2),
                    programme(4, frames, 3)};
  for (Frames frame = 0; frame < frames; frame += 64) {
    const double t = static_cast<double>(frame) / kRateHz;
    GateSpec moved = spec;
    moved.threshold_db = -30 + 12 * std::sin(9 * t);
    moved.range_db = -30 + 25 * std::cos(23 * t);
    stream.changes.push_back({frame, 0, 1, design(moved, kRateHz)});
  }
  return stream;
}

TEST(GateOnCuda, MovesAsTheCpuDoes) {
  const LaneStream stream = moving_stream(30000);
  const auto cuda = render_lanes(Machine::cuda, stream), cpu = render_lanes(Machine::cpu, stream);
  for (std::size_t lane = 0; lane < cuda.size(); ++lane)
    EXPECT_RESIDUAL_BELOW(cuda[lane], cpu[lane], kGateDbfs);
}

TEST(GateOnCuda, HasTheSameBitsInTilesOfAnyLength) {
  const LaneStream stream = moving_stream(30000);
  const auto whole = render_lanes(Machine::cuda, stream, 65536);
  for (const Frames tile : {4096, 8192})
    EXPECT_EQ(render_lanes(Machine::cuda, stream, tile), whole) << tile;
}

}  // namespace
}  // namespace tutti::test
