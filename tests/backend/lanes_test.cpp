// SPDX-License-Identifier: Apache-2.0
// Lane groups on every machine: chains of filters and gains that stand still or move, sums,
// silence.
#include <cmath>

#include "tests/reference/biquad.hpp"
#include "tests/support/bounds.hpp"
#include "tests/support/lane_jobs.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

constexpr double kRateHz = 48000;
// States in double, a float rounded once or twice an op: as sums.
constexpr double kBoundDbfs = bounds::kSumDbfs;

/// A bell from the analogue prototype [RBJ].
BiquadDesign bell(double frequency_hz, double gain_db, double q) {
  const double a = std::sqrt(db_to_linear(gain_db));
  const double k = std::tan(kPi * frequency_hz / kRateHz);
  const double n1 = k * a / q, d1 = k / (a * q), a0 = 1 + d1 + k * k;
  return {(1 + n1 + k * k) / a0, 2 * (k * k - 1) / a0, (1 - n1 + k * k) / a0, 2 * (k * k - 1) / a0,
          (1 - d1 + k * k) / a0};
}

std::vector<BiquadDesign> equaliser() {
  return {design_butterworth_high_pass(25, kRateHz), bell(300, 6, 1), bell(4000, -5, 0.7)};
}

/// Level of the test programme: filters raise it by up to 6 dB and it must stay below full scale,
/// for which the bound holds.
constexpr float kLevel = 0.4f;

Samples inputs_of(int lanes, Frames frames, unsigned seed) {
  Samples inputs = programme(lanes, frames, seed);
  for (auto& lane : inputs)
    for (float& x : lane) x *= kLevel;
  return inputs;
}

using Signal = std::vector<long double>;

Signal widened(const std::vector<float>& x) { return {x.begin(), x.end()}; }

Signal filtered(const std::vector<BiquadDesign>& sections, Signal x) {
  for (const BiquadDesign& d : sections) x = reference::filter({d.b0, d.b1, d.b2, d.a1, d.a2}, x);
  return x;
}

Signal blended(const Signal& dry, const Signal& wet, long double mix) {
  Signal y(dry.size());
  for (std::size_t n = 0; n < y.size(); ++n) y[n] = mix * wet[n] + (1 - mix) * dry[n];
  return y;
}

Signal scaled(Signal x, long double gain) {
  for (long double& value : x) value *= gain;
  return x;
}

LaneChange change(Frames frame, int op, int strip, decltype(LaneChange::design) design) {
  return {frame, op, strip, std::move(design)};
}

LaneSum sum_of(int channels, const std::vector<float>& gains) { return {channels, gains, {}}; }

/// 1 at frame 0, rising by 1 in 50,000 frames.
class Ramp : public GainCurve {
 public:
  static double at(Frames frame) { return 1 + static_cast<double>(frame) / 50000; }
  void values(Frames first, std::span<float> values) const override {
    for (std::size_t n = 0; n < values.size(); ++n)
      values[n] = static_cast<float>(at(first + static_cast<Frames>(n)));
  }
};

class LanesOnEveryMachine : public ::testing::TestWithParam<Machine> {};

TEST_P(LanesOnEveryMachine, ChainsOfFiltersAndGainsMatchTheReference) {
  LaneJob job;
  job.program = {3, 2, {biquads_op({}, 3, 0.75), gain_op(1, 3, 0.5), biquads_op({}, 3)}, 0};
  job.program.ops[0].biquads = {equaliser(), {bell(1000, 3, 2)}, {}};
  job.program.ops[1].gain = {0.5, -1.25, 1};
  job.program.ops[2].biquads = {{}, equaliser(), {bell(60, -12, 3)}};
  job.inputs = inputs_of(6, 20000, 1);
  const LaneResult result = run_job(GetParam(), job, 8192);
  for (std::size_t lane = 0; lane < 6; ++lane) {
    const std::size_t strip = lane / 2;
    const Signal in = widened(job.inputs[lane]);
    Signal truth = blended(in, filtered(job.program.ops[0].biquads[strip], in), 0.75L);
    truth = scaled(truth, 0.5L * job.program.ops[1].gain[strip] + 0.5L);
    truth = filtered(job.program.ops[2].biquads[strip], truth);
    EXPECT_RESIDUAL_BELOW(result.lanes[lane], truth, kBoundDbfs) << "lane " << lane;
  }
}

TEST_P(LanesOnEveryMachine, MovingFiltersAreTheRecursionWithItsStateKept) {
  LaneJob job;
  const auto design_at = [](Frames frame) {
    const double octaves = 5.0 * static_cast<double>(frame / kControlFrames) / 300;
    return bell(100 * std::exp2(octaves), 6, 2);
  };
  job.program = {2, 1, {biquads_op({bell(100, 6, 2)}, 2)}, 0};
  job.program.ops[0].biquads[1] = {bell(60, -4, 1)};
  job.inputs = inputs_of(2, 20000, 2);
  // A sweep from 6,400 to 14,400; from 12,800 on a second section follows the first.
  for (Frames n = 6400; n < 14400; n += kControlFrames) {
    std::vector<BiquadDesign> sections = {design_at(n)};
    if (n >= 12800) sections.push_back(bell(3000, -6, 1));
    job.changes.push_back(change(n, 0, 0, sections));
  }
  const LaneResult result = run_job(GetParam(), job, 8192);
  const auto section = [](const BiquadDesign& d) {
    return reference::Section{d.b0, d.b1, d.b2, d.a1, d.a2};
  };
  Signal truth = reference::moving_filter(
      [&](std::size_t n) {
        const auto frame = static_cast<Frames>(n);
        return section(frame < 6400 ? bell(100, 6, 2) : design_at(std::min<Frames>(frame, 14399)));
      },
      widened(job.inputs[0]));
  truth = reference::moving_filter(
      [&](std::size_t n) { return section(n < 12800 ? BiquadDesign{} : bell(3000, -6, 1)); },
      truth);
  EXPECT_RESIDUAL_BELOW(result.lanes[0], truth, kBoundDbfs);
  EXPECT_RESIDUAL_BELOW(result.lanes[1], filtered({bell(60, -4, 1)}, widened(job.inputs[1])),
                        kBoundDbfs);
}

TEST_P(LanesOnEveryMachine, AFilterThatGetsShorterRingsOut) {
  LaneJob job;
  job.program = {1, 1, {biquads_op({bell(500, 6, 1), {0.2, 0.3, 0.4, 0, 0}})}, 0};
  job.inputs = inputs_of(1, 4096, 3);
  job.changes = {change(640, 0, 0, std::vector<BiquadDesign>{bell(500, 6, 1)})};
  const Signal first = filtered({bell(500, 6, 1)}, widened(job.inputs[0]));
  const Signal truth = reference::moving_filter(
      [](std::size_t n) {
        return n < 640 ? reference::Section{0.2, 0.3, 0.4, 0, 0}
                       : reference::Section{1, 0, 0, 0, 0};
      },
      first);
  EXPECT_RESIDUAL_BELOW(run_job(GetParam(), job, 4096).lanes[0], truth, kBoundDbfs);
}

TEST_P(LanesOnEveryMachine, GainsGlideInLines) {
  LaneJob job;
  job.program = {2, 1, {gain_op(0.5, 2, 0.8)}, 0};
  job.inputs = inputs_of(2, 10000, 4);
  // At once before the first frame; two lines that join; one that starts anew in another tile.
  job.changes = {change(0, 0, 0, 0.25), change(128, 0, 0, 0.75), change(192, 0, 0, 0.0),
                 change(8192, 0, 0, 1.0)};
  const LaneResult result = run_job(GetParam(), job, 4096);
  const auto line = [](Frames n, Frames from, double a, double b) {
    return a + (b - a) * static_cast<double>(std::clamp<Frames>(n + 1 - from, 0, 64)) / 64;
  };
  std::vector<double> moving, still;
  for (Frames n = 0; n < 10000; ++n) {
    const double gain = n < 192    ? line(n, 128, 0.25, 0.75)
                        : n < 8192 ? line(n, 192, 0.75, 0)
                                   : line(n, 8192, 0, 1);
    const auto at = static_cast<std::size_t>(n);
    moving.push_back((0.8 * gain + 0.2) * job.inputs[0][at]);
    still.push_back((0.8 * 0.5 + 0.2) * job.inputs[1][at]);
  }
  EXPECT_RESIDUAL_BELOW(result.lanes[0], moving, kBoundDbfs);
  EXPECT_RESIDUAL_BELOW(result.lanes[1], still, kBoundDbfs);
}

TEST_P(LanesOnEveryMachine, SumsTakeStillAndMovingGains) {
  const Ramp ramp;
  LaneJob job;
  job.program = {3, 2, {gain_op(0.5, 3)}, 0};
  job.inputs = inputs_of(6, 10000, 5);
  job.sums = {sum_of(2, {0.3f, 0, 0.5f, 0, 0, 0, 0, 0.3f, 0, -0.5f, 0, 0}),
              sum_of(1, {0, 0, 0, 0, 0.25f, 0.25f}), sum_of(3, std::vector<float>(18))};
  job.sums[0].curves.assign(12, nullptr);
  job.sums[0].curves[4] = job.sums[0].curves[8] = &ramp;
  const LaneResult result = run_job(GetParam(), job, 4096);
  std::vector<double> left, right, mono;
  for (std::size_t n = 0; n < 10000; ++n) {
    std::array<double, 6> y{};
    for (std::size_t lane = 0; lane < 6; ++lane) y[lane] = 0.5 * job.inputs[lane][n];
    const double moving = Ramp::at(static_cast<Frames>(n));
    left.push_back(0.3 * y[0] + 0.5 * y[2] + moving * y[4]);
    right.push_back(0.3 * y[1] - 0.5 * y[3] + moving * y[2]);
    mono.push_back(0.25 * y[4] + 0.25 * y[5]);
  }
  EXPECT_RESIDUAL_BELOW(result.sums[0][0], left, kBoundDbfs);
  EXPECT_RESIDUAL_BELOW(result.sums[0][1], right, kBoundDbfs);
  EXPECT_RESIDUAL_BELOW(result.sums[1][0], mono, kBoundDbfs);
  for (const auto& channel : result.sums[2]) EXPECT_EQ(channel, std::vector<float>(10000));
}

/// Everything that may move, with silence in the middle.
LaneJob busy_job(const GainCurve& curve, Frames frames) {
  LaneJob job;
  job.program = {2, 1, {biquads_op(equaliser(), 2), gain_op(0.7, 2, 0.9)}, 0};
  job.inputs = inputs_of(2, frames, 6);
  job.sums = {sum_of(2, {0.5f, 0.25f, 0, 1.0f})};
  job.sums[0].curves = {nullptr, &curve, nullptr, nullptr};
  for (Frames n = 2048; n < frames; n += n < 8192 ? 64 : 4992) {
    auto moved = equaliser();
    moved[1] = bell(300 + static_cast<double>(n % 8192) / 8, 6, 1);
    job.changes.push_back(change(n, 0, 0, moved));
    if (n % 3 == 0) job.changes.push_back(change(n, 1, 1, 0.2 + static_cast<double>(n % 7) / 10));
  }
  return job;
}

TEST_P(LanesOnEveryMachine, TheTileDoesNotShow) {
  const Ramp ramp;
  const LaneJob job = busy_job(ramp, 65536);
  const auto backend = open_machine(GetParam());
  const LaneResult truth = run_job(*backend, job, 65536);
  for (const Frames tile_frames : {4096, 8192}) {
    const LaneResult result = run_job(*backend, job, tile_frames);
    EXPECT_EQ(result.lanes, truth.lanes) << tile_frames;
    EXPECT_EQ(result.sums, truth.sums) << tile_frames;
  }
}

TEST_P(LanesOnEveryMachine, AStripDoesNotDependOnItsNeighbours) {
  const Ramp ramp;
  LaneJob job = busy_job(ramp, 12288);
  const auto backend = open_machine(GetParam());
  const LaneResult both = run_job(*backend, job, 4096);
  job.inputs[0] = inputs_of(1, 12288, 7)[0];
  job.program.ops[0].biquads[0].resize(1);
  std::erase_if(job.changes, [](const LaneChange& c) { return c.strip == 0; });
  EXPECT_EQ(run_job(*backend, job, 4096).lanes[1], both.lanes[1]);
}

TEST_P(LanesOnEveryMachine, WhatIsReplacedByItselfGoesOn) {
  LaneJob job;
  job.program = {1, 1, {biquads_op(equaliser()), gain_op(0.7)}, 0};
  job.inputs = inputs_of(1, 8192, 8);
  const auto backend = open_machine(GetParam());
  const LaneResult truth = run_job(*backend, job, 4096);
  job.changes = {change(64, 0, 0, equaliser()), change(4224, 0, 0, equaliser()),
                 change(4224, 1, 0, 0.7)};
  EXPECT_EQ(run_job(*backend, job, 4096).lanes, truth.lanes);
}

TEST_P(LanesOnEveryMachine, SilenceCostsNothingOnceItIsOver) {
  LaneJob job;
  job.program = {1, 1, {biquads_op({bell(5000, 6, 0.5)})}, 0};
  job.inputs = {std::vector<float>(11 * 4096)};
  const std::vector<float> burst = inputs_of(1, 4096, 9)[0];
  for (const Frames tile : {2, 8}) std::ranges::copy(burst, job.inputs[0].begin() + tile * 4096);
  const LaneResult result = run_job(GetParam(), job, 4096);
  // Before the first sound, and from the second tile after it on: the filter forgets in less than
  // one.
  for (const std::size_t tile : {0, 1, 4, 5, 6, 7, 10}) EXPECT_FALSE(result.sounded[tile]) << tile;
  for (const std::size_t tile : {2, 8}) EXPECT_TRUE(result.sounded[tile]) << tile;
  // What comes later starts from rest.
  const auto at = [&](Frames tile) { return result.lanes[0].begin() + tile * 4096; };
  EXPECT_TRUE(std::equal(at(2), at(3), at(8)));
}

TEST_P(LanesOnEveryMachine, AfterSilenceAGainStartsAtItsTarget) {
  LaneJob job;
  job.program = {1, 1, {gain_op(0.5)}, 0};
  job.inputs = {std::vector<float>(6 * 4096, 0.0f)};
  for (const Frames tile : {0, 4}) std::fill_n(job.inputs[0].begin() + tile * 4096, 4096, 1.0f);
  job.changes = {change(4 * 4096, 0, 0, 0.25)};
  EXPECT_EQ(run_job(GetParam(), job, 4096).lanes[0][4 * 4096], 0.25f);
}

TEST_P(LanesOnEveryMachine, SilenceWithinATileIsClearedInItsResults) {
  LaneJob job;
  job.program = {1, 1, {}, 0};
  job.inputs = inputs_of(1, 8192, 10);
  job.sums = {sum_of(1, {0.5f})};
  std::fill_n(job.inputs[0].begin(), 4096, 0.0f);
  const LaneResult result = run_job(GetParam(), job, 8192);
  EXPECT_EQ(result.lanes[0], job.inputs[0]);
  EXPECT_EQ(result.sums[0][0][100], 0.0f);
  EXPECT_EQ(result.sums[0][0][5000], 0.5f * job.inputs[0][5000]);
}

TEST_P(LanesOnEveryMachine, NobodyHasToAsk) {
  const auto backend = open_machine(GetParam());
  const auto runner = backend->make_lanes(program_of(gain_op(2), 1, 1), 4096);
  const auto in = put(*backend, inputs_of(1, 4096, 11));
  const LaneInput input{nullptr, in->view()};
  EXPECT_TRUE(runner->run({0, 4096, {&input, 1}, {}, {}, {}, {}}));
  const TileView none{};
  EXPECT_TRUE(runner->run({4096, 4096, {&input, 1}, {}, {&none, 1}, {}, {}}));
}

TUTTI_ON_EVERY_MACHINE(LanesOnEveryMachine);

TEST(LanesParity, BothMachinesAgree) {
  const Ramp ramp;
  const LaneJob job = busy_job(ramp, 20000);
  const LaneResult cpu = run_job(Machine::cpu, job, 8192), cuda = run_job(Machine::cuda, job, 8192);
  for (std::size_t lane = 0; lane < 2; ++lane)
    EXPECT_RESIDUAL_BELOW(cuda.lanes[lane], cpu.lanes[lane], bounds::kSumDbfs);
  for (std::size_t out = 0; out < 2; ++out)
    EXPECT_RESIDUAL_BELOW(cuda.sums[0][out], cpu.sums[0][out], bounds::kSumDbfs);
}

TEST(LanesParity, GainsHaveTheSameBits) {
  LaneJob job;
  job.program = {2, 1, {gain_op(0.7, 2, 0.3)}, 0};
  job.inputs = inputs_of(2, 5000, 12);
  for (Frames n = 0; n < 5000; n += 3 * kControlFrames)
    job.changes.push_back(change(n, 0, 1, 0.1 + static_cast<double>(n) / 5000));
  EXPECT_EQ(run_job(Machine::cuda, job, 4096).lanes, run_job(Machine::cpu, job, 4096).lanes);
}

}  // namespace
}  // namespace tutti::test
