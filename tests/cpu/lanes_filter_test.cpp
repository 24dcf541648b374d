// SPDX-License-Identifier: Apache-2.0
// Cascades of sections against the difference equation, one section after the other: the factors
// that the lanes move between the sections of a group must cancel.
#include <gtest/gtest.h>

#include "tests/support/lane_runner.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

// Half a step of a float at full scale is −150.5 dBFS; the outputs here reach +6.
constexpr double kFilterDbfs = -144;

/// Direct form I; `sections[n / span]` is in force at frame n: what is remembered are signals, so
/// the truth of a change between equal poles is the same in every form.
std::vector<double> cascade(const std::vector<float>& in,
                            const std::vector<std::vector<BiquadDesign>>& sections,
                            std::size_t span) {
  std::vector<double> x(in.begin(), in.end());
  for (std::size_t k = 0; k < sections[0].size(); ++k) {
    BiquadState state;
    for (std::size_t n = 0; n < x.size(); ++n) {
      const BiquadDesign& d = sections[n / span % sections.size()][k];
      const double y = d.b0 * x[n] + state.s1;
      state.s1 = d.b1 * x[n] - d.a1 * y + state.s2;
      state.s2 = d.b2 * x[n] - d.a2 * y;
      x[n] = y;
    }
  }
  return x;
}

BiquadDesign bell(double b0) { return {b0, -1.8 * b0, 0.82 * b0, -1.78, 0.81}; }

// 1: no factor; 6, 7: one pass, two passes; 12, 13: a whole group, and one more.
std::vector<BiquadDesign> mixed(std::size_t count) {
  // A plain delay has no b0, the next one nearly none; a steep low-pass has a small one.
  const std::vector<BiquadDesign> kinds = {bell(1.4),  {0, 1, 0, 0, 0},
                                           bell(-0.7), {1e-30, 0.5, 0.5, -0.2, 0.1},
                                           bell(0.9),  {1e-6, 2e-6, 1e-6, -1.996, 0.996004},
                                           bell(1.1)};
  std::vector<BiquadDesign> sections;
  for (std::size_t k = 0; k < count; ++k) sections.push_back(kinds[k % kinds.size()]);
  return sections;
}

TEST(LanesFilter, AnyCascadeFollowsTheDifferenceEquation) {
  const Audio input = programme(1, 9600, 7);
  for (const std::size_t count : {1, 2, 3, 6, 7, 12, 13, 25}) {
    LaneProcessor lanes(program_of(biquads_op(mixed(count)), 1, 1));
    EXPECT_RESIDUAL_BELOW(run_lanes(lanes, input)[0], cascade(input[0], {mixed(count)}, 9600),
                          kFilterDbfs)
        << count << " sections";
  }
}

TEST(LanesFilter, ACascadeThatMovesKeepsItsState) {
  const Audio input = programme(1, 9600, 8);
  std::vector<BiquadDesign> a = mixed(7), b = a;
  for (BiquadDesign& d : b) d.b0 *= 0.95;
  b[1].b0 = 0.02;  // from nothing and back
  LaneProcessor lanes(program_of(biquads_op(a), 1, 1));
  std::vector<float> output(9600);
  for (std::size_t n = 0; n < output.size(); n += 64) {
    lanes.set_biquads(0, 0, n / 64 % 2 ? b : a);
    const float* in = input[0].data() + n;
    float* out = output.data() + n;
    lanes.process(64, {&in, 1}, {}, {&out, 1}, {});
  }
  EXPECT_RESIDUAL_BELOW(output, cascade(input[0], {a, b}, 64), kFilterDbfs);
}

TEST(LanesFilter, ASilencingSectionIsSilence) {
  LaneProcessor lanes(program_of(biquads_op({bell(1.2), {0, 0, 0, -0.5, 0.1}}), 1, 1));
  EXPECT_EQ(run_lanes(lanes, programme(1, 300))[0], std::vector<float>(300));
  EXPECT_TRUE(lanes.quiet());
}

// A group of high-passes alone takes a shorter way, which others in the group forbid.
TEST(LanesFilter, AHighPassHasTheSameBitsBesideOthers) {
  const Audio input = programme(16, 4800, 10);
  const BiquadDesign high_pass = {0.97, -1.94, 0.97, -1.93, 0.934};
  for (const std::size_t count : {1, 2, 3, 5, 13}) {
    std::vector<BiquadDesign> sections = mixed(count);
    sections[0] = high_pass;
    LaneProcessor alone(program_of(biquads_op(sections), 1, 1));
    LaneProgram program = program_of(biquads_op(sections, 16), 16, 1);
    for (int strip = 1; strip < 16; ++strip) program.ops[0].biquads[strip] = mixed(count);
    LaneProcessor beside(program);
    const std::vector<float> output = run_lanes(alone, {input[0]})[0];
    EXPECT_EQ(run_lanes(beside, input)[0], output) << count << " sections";
    EXPECT_RESIDUAL_BELOW(output, cascade(input[0], {sections}, 4800), kFilterDbfs);
  }
}

TEST(LanesFilter, AHighPassThatBecomesABellKeepsItsState) {
  const Audio input = programme(1, 9600, 11);
  const std::vector<BiquadDesign> a = {{0.97, -1.94, 0.97, -1.93, 0.934}, bell(0.9)};
  const std::vector<BiquadDesign> b = {{0.97, -1.9, 0.96, -1.93, 0.934}, bell(0.9)};
  LaneProcessor lanes(program_of(biquads_op(a), 1, 1));
  std::vector<float> output(9600);
  for (std::size_t n = 0; n < output.size(); n += 64) {
    lanes.set_biquads(0, 0, n / 64 % 2 ? b : a);
    const float* in = input[0].data() + n;
    float* out = output.data() + n;
    lanes.process(64, {&in, 1}, {}, {&out, 1}, {});
  }
  EXPECT_RESIDUAL_BELOW(output, cascade(input[0], {a, b}, 64), kFilterDbfs);
}

TEST(LanesFilter, ALongCascadeDoesNotDependOnItsNeighbours) {
  const Audio input = programme(16, 4800, 9);
  LaneProcessor alone(program_of(biquads_op(mixed(8)), 1, 1));
  LaneProgram program = program_of(biquads_op(mixed(8), 16), 16, 1);
  for (int strip = 1; strip < 16; ++strip) program.ops[0].biquads[strip] = mixed(strip);
  LaneProcessor beside(program);
  EXPECT_EQ(run_lanes(beside, input)[0], run_lanes(alone, {input[0]})[0]);
}

}  // namespace
}  // namespace tutti::test
