// SPDX-License-Identifier: Apache-2.0
// The lane processor as a whole: who may depend on what, and what it must never do.
#include "host/cpu/lanes.hpp"

#include <gtest/gtest.h>

#include "tests/support/bounds.hpp"
#include "tests/support/lane_runner.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

constexpr double kRateHz = 48000;

std::vector<BiquadDesign> equaliser() {
  return {design_butterworth_high_pass(60, kRateHz),
          design_butterworth_high_pass(20, kRateHz),
          {1.2, -1.8, 0.7, -1.85, 0.88}};
}

CompressorDesign compressor(double threshold_db = -24) {
  CompressorSpec spec;
  spec.threshold_db = threshold_db;
  spec.ratio = 3;
  spec.makeup_db = 4;
  spec.lookahead_ms = 1.5;
  spec.link = 0.7;
  return design(spec, kRateHz);
}

/// A chain with every kind of op.
LaneProgram full_chain(int strips, int channels) {
  GateSpec gate;
  gate.lookahead_ms = 0.5;
  ExpanderSpec expander;
  LaneProgram program;
  program.strips = strips;
  program.channels = channels;
  program.ops = {gate_op(design(gate, kRateHz), strips), biquads_op(equaliser(), strips, 0.8),
                 compressor_op(compressor(), strips, 0.9),
                 expander_op(design(expander, kRateHz), strips), gain_op(1.3, strips)};
  return program;
}

std::vector<float> noise(Frames frames, unsigned seed) { return programme(1, frames, seed)[0]; }

TEST(Lanes, TheResultDoesNotDependOnHowTheTimelineIsCut) {
  const Audio input = programme(6, 20000);
  LaneProcessor whole(full_chain(3, 2));
  const Audio truth = run_lanes(whole, input);
  // One frame; around a vector, a tile of the transposition and a chunk; many chunks.
  for (const std::vector<Frames>& calls :
       {std::vector<Frames>{1}, {15, 16, 17}, {63, 64, 65}, {1, 1000, 3, 31, 128, 7}, {4096}}) {
    LaneProcessor cut(full_chain(3, 2));
    EXPECT_EQ(run_lanes(cut, input, {}, calls), truth);
  }
}

TEST(Lanes, AStripDoesNotDependOnItsLaneNorOnItsNeighbours) {
  const std::vector<float> signal = noise(9600, 3);
  LaneProcessor alone(full_chain(1, 1));
  const std::vector<float> truth = run_lanes(alone, {signal})[0];
  for (const int lane : {0, 3, 7, 8, 15}) {
    Audio input = programme(16, 9600, 20);
    input[lane] = signal;
    LaneProgram program = full_chain(16, 1);
    // Unlike neighbours: other lengths of cascade, other designs, other mixes, fractional links.
    for (int strip = 0; strip < 16; ++strip) {
      if (strip == lane) continue;
      program.ops[0].gate[strip].link = 0.3;
      program.ops[1].biquads[strip].resize(1 + strip % 5);
      program.ops[1].mix[strip] = strip % 2;
      program.ops[2].compressor[strip].threshold_log2 = -1;
      program.ops[4].gain[strip] = 1e3;
    }
    LaneProcessor beside(program);
    EXPECT_EQ(run_lanes(beside, input)[lane], truth) << "lane " << lane;
  }
}

TEST(Lanes, AStereoStripDoesNotDependOnItsPlace) {
  const Audio signal = programme(2, 9600, 4);
  LaneProcessor alone(full_chain(1, 2));
  const Audio truth = run_lanes(alone, signal);
  for (const int strip : {0, 3, 4, 7}) {
    Audio input = programme(16, 9600, 30);
    input[2 * strip] = signal[0];
    input[2 * strip + 1] = signal[1];
    LaneProcessor beside(full_chain(8, 2));
    const Audio output = run_lanes(beside, input);
    EXPECT_EQ(output[2 * strip], truth[0]);
    EXPECT_EQ(output[2 * strip + 1], truth[1]);
  }
}

TEST(Lanes, SilenceStaysSilence) {
  LaneProcessor lanes(full_chain(2, 6));
  const Audio output = run_lanes(lanes, Audio(12, std::vector<float>(5000)));
  for (const auto& channel : output) EXPECT_EQ(channel, std::vector<float>(5000));
  EXPECT_TRUE(lanes.quiet());
}

TEST(Lanes, ANullInputIsSilence) {
  const std::vector<float> signal = noise(300, 5);
  LaneProcessor with_null(full_chain(2, 1)), with_zeros(full_chain(2, 1));
  const Audio truth = run_lanes(with_zeros, {signal, std::vector<float>(300)});
  std::vector<float> a(300), b(300);
  const std::vector<const float*> in = {signal.data(), nullptr};
  const std::vector<float*> out = {a.data(), b.data()};
  with_null.process(300, in, {}, out, {});
  EXPECT_EQ(a, truth[0]);
  EXPECT_EQ(b, truth[1]);
}

TEST(Lanes, LaterInputIsLaterOutput) {
  const std::vector<float> signal = noise(6000, 6);
  std::vector<float> later(777, 0.0f);
  later.insert(later.end(), signal.begin(), signal.end());
  LaneProcessor now(full_chain(1, 1)), then(full_chain(1, 1));
  const auto truth = run_lanes(now, {signal})[0];
  const auto output = run_lanes(then, {later})[0];
  EXPECT_EQ(std::vector<float>(output.begin() + 777, output.end()), truth);
}

TEST(Lanes, AnImpulseLeavesAfterTheLatency) {
  LaneProcessor lanes(full_chain(1, 1));
  EXPECT_EQ(lanes.latency_frames(), 72 + 24);  // 1.5 ms + 0.5 ms
  std::vector<float> input(1000);
  input[100] = 1;
  const auto output = run_lanes(lanes, {input})[0];
  for (int n = 0; n < 100 + 96; ++n) EXPECT_EQ(output[n], 0.0f) << n;
  EXPECT_NE(output[100 + 96], 0.0f);
}

TEST(Lanes, HostileInputNeverMakesNotANumber) {
  std::vector<float> input = noise(20000, 7);
  for (std::size_t n = 0; n < input.size(); ++n) {
    if (n % 7 == 0) input[n] *= 100.0f;     // +40 dBFS
    if (n % 1000 > 600) input[n] = 1e-42f;  // denormal
    if (n % 1000 > 800) input[n] = n % 2 ? -0.0f : 0.0f;
    if (n % 5000 == 1) input[n] = 1e30f;
  }
  CompressorSpec rms;
  rms.detector = Detector::rms;
  rms.attack_ms = 0;
  LaneProgram program = full_chain(1, 1);
  program.ops.push_back(compressor_op(design(rms, kRateHz)));
  LaneProcessor lanes(program);
  const auto output = run_lanes(lanes, {input})[0];
  for (const float y : output) EXPECT_TRUE(std::isfinite(y));
}

TEST(Lanes, QuietAllowsAResetThatNobodyHears) {
  Audio input = programme(2, 4800, 8);
  LaneProcessor reset(full_chain(1, 2)), kept(full_chain(1, 2));
  run_lanes(reset, input);
  run_lanes(kept, input);
  EXPECT_FALSE(reset.quiet());
  const Audio silence(2, std::vector<float>(48000));
  int seconds = 0;
  for (; !reset.quiet() && seconds < 20; ++seconds) {
    run_lanes(reset, silence);
    run_lanes(kept, silence);
  }
  ASSERT_LT(seconds, 20);
  reset.reset();
  input = programme(2, 48000, 9);
  const Audio output = run_lanes(reset, input), truth = run_lanes(kept, input);
  for (int c = 0; c < 2; ++c) EXPECT_RESIDUAL_BELOW(output[c], truth[c], bounds::kSumDbfs);
}

TEST(Lanes, AResetProcessorIsAsNew) {
  const Audio input = programme(2, 9600, 10);
  LaneProcessor used(full_chain(1, 2)), fresh(full_chain(1, 2));
  run_lanes(used, programme(2, 5000, 11));
  used.reset();
  EXPECT_EQ(run_lanes(used, input), run_lanes(fresh, input));
}

TEST(Lanes, AStepOfGainGlidesOverSixtyFourFrames) {
  LaneProcessor lanes(program_of(gain_op(1.0, 2), 2, 1));
  lanes.set_gain(0, 0, 0.25);  // before the first frame: at once
  const Audio ones(2, std::vector<float>(100, 1.0f));
  EXPECT_EQ(run_lanes(lanes, ones)[0], std::vector<float>(100, 0.25f));
  lanes.set_gain(0, 0, 0.75);
  const Audio output = run_lanes(lanes, ones, {}, {1, 17, 33, 64});
  for (int n = 0; n < 100; ++n) {
    EXPECT_FLOAT_EQ(output[0][n], 0.25f + 0.5f * static_cast<float>(std::min(n + 1, 64)) / 64.0f);
    EXPECT_EQ(output[1][n], 1.0f);
  }
}

TEST(Lanes, AStepOfMakeupGlidesToo) {
  CompressorSpec spec;
  spec.threshold_db = 20;
  LaneProcessor lanes(program_of(compressor_op(design(spec, kRateHz)), 1, 1));
  const Audio ones(1, std::vector<float>(128, 1.0f));
  run_lanes(lanes, ones);
  spec.makeup_db = 6;
  lanes.set_compressor(0, 0, design(spec, kRateHz));
  const auto output = run_lanes(lanes, ones)[0];
  const double target = db_to_linear(6);
  for (int n = 0; n < 128; ++n) {
    EXPECT_NEAR(output[n], 1 + (target - 1) * std::min(n + 1, 64) / 64, 1e-6);
  }
}

TEST(Lanes, ABrokenProgramIsRefused) {
  EXPECT_THROW(LaneProcessor(full_chain(9, 2)), std::invalid_argument);
  LaneProgram unlike = full_chain(2, 1);
  unlike.ops[2].compressor[1].lookahead_frames += 1;
  EXPECT_THROW(LaneProcessor{unlike}, std::invalid_argument);
  LaneProgram missing = full_chain(2, 1);
  missing.ops[4].gain.pop_back();
  EXPECT_THROW(LaneProcessor{missing}, std::invalid_argument);
  LaneProcessor lanes(full_chain(1, 1));
  EXPECT_THROW(lanes.set_gain(0, 0, 1.0), std::invalid_argument);
}

TEST(Lanes, EachKeyedOpTakesItsOwnKeys) {
  CompressorSpec spec;
  spec.attack_ms = spec.release_ms = 0;
  LaneProgram program;
  program.strips = 1;
  program.ops = {compressor_op(design(spec, kRateHz)), compressor_op(design(spec, kRateHz))};
  program.ops[0].external_key = program.ops[1].external_key = true;
  // −20 dB threshold, ratio 2: a key at 0 dBFS takes 10 dB; a silent key nothing.
  const Audio tone(1, std::vector<float>(10, 0.5f));
  for (const auto& [first, second, expected_db] :
       {std::tuple{1.0f, 0.0f, -10.0}, {0.0f, 1.0f, -10.0}, {1.0f, 1.0f, -20.0}}) {
    LaneProcessor lanes(program);
    const Audio keys = {std::vector<float>(10, first), std::vector<float>(10, second)};
    EXPECT_NEAR(linear_to_db(run_lanes(lanes, tone, keys)[0][9] / 0.5), expected_db, 1e-4);
  }
}

}  // namespace
}  // namespace tutti::test
