// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/biquad.hpp"

#include <gtest/gtest.h>

#include "tests/reference/biquad.hpp"
#include "tests/support/lane_runner.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

// States in double, one rounding to float at the end.
constexpr double kBiquadDbfs = -140;

/// A bell of the cookbook [RBJ], here from the analogue prototype so that it is independent.
BiquadDesign bell(double frequency_hz, double gain_db, double q, double sample_rate_hz) {
  const double a = std::sqrt(db_to_linear(gain_db));
  const double k = std::tan(kPi * frequency_hz / sample_rate_hz);
  const double n1 = k * a / q, d1 = k / (a * q), a0 = 1 + d1 + k * k;
  return {(1 + n1 + k * k) / a0, 2 * (k * k - 1) / a0, (1 - n1 + k * k) / a0, 2 * (k * k - 1) / a0,
          (1 - d1 + k * k) / a0};
}

std::vector<long double> truth_of(const std::vector<BiquadDesign>& sections,
                                  const std::vector<float>& input) {
  std::vector<long double> x(input.begin(), input.end());
  for (const BiquadDesign& d : sections) {
    x = reference::filter({d.b0, d.b1, d.b2, d.a1, d.a2}, x);
  }
  return x;
}

TEST(Biquad, TheKeyHighPassIsAButterworth) {
  for (const double rate_hz : {44100.0, 48000.0, 192000.0}) {
    for (const double frequency_hz : {10.0, 80.0, 1000.0, 20000.0}) {
      const BiquadDesign d = design_butterworth_high_pass(frequency_hz, rate_hz);
      const reference::Section s = reference::butterworth_high_pass(frequency_hz, rate_hz);
      EXPECT_NEAR(d.b0, static_cast<double>(s.b0), 1e-12);
      EXPECT_NEAR(d.b1, static_cast<double>(s.b1), 1e-12);
      EXPECT_NEAR(d.a1, static_cast<double>(s.a1), 1e-12);
      EXPECT_NEAR(d.a2, static_cast<double>(s.a2), 1e-12);
      const double omega = 2 * kPi * frequency_hz / rate_hz;
      EXPECT_NEAR(linear_to_db(std::abs(response(d, omega))), -3.0103, 1e-3);
      EXPECT_NEAR(std::abs(response(d, kPi)), 1, 1e-9);
    }
  }
}

TEST(Biquad, TheStepFollowsItsTransferFunction) {
  const BiquadDesign d = bell(1500, 9, 2, 48000);
  BiquadState state;
  std::complex<double> sum = 0;
  const double omega = 0.3;
  for (int n = 0; n < 4000; ++n) {
    sum += biquad_step(d, state, n == 0 ? 1.0 : 0.0) * std::polar(1.0, -omega * n);
  }
  EXPECT_NEAR(std::abs(sum - response(d, omega)), 0, 1e-12);
}

class BiquadCascade : public ::testing::TestWithParam<int> {};

// 1 … 6 sections go in one pass, 7 and more in several, 13 has a whole pass in the middle.
TEST_P(BiquadCascade, OfAnyLengthMatchesTheLongDoubleReference) {
  std::vector<BiquadDesign> sections = {design_butterworth_high_pass(20, 192000)};
  for (int k = 1; k < GetParam(); ++k) {
    sections.push_back(bell(40.0 * std::pow(1.6, k), k % 2 ? 6 : -5, 0.5 + k, 192000));
  }
  const Audio input = programme(1, 96000, 4, 192000);
  LaneProcessor lanes(program_of(biquads_op(sections), 1, 1));
  EXPECT_RESIDUAL_BELOW(run_lanes(lanes, input)[0], truth_of(sections, input[0]), kBiquadDbfs);
}
INSTANTIATE_TEST_SUITE_P(Sections, BiquadCascade,
                         ::testing::Values(1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 16));

TEST(Biquad, StripsWithFewerSectionsPassTheRest) {
  LaneOp op = biquads_op({}, 3);
  op.biquads[1] = {bell(800, 6, 1, 48000), bell(3000, -4, 1, 48000)};
  op.biquads[2] = {bell(200, 3, 1, 48000)};
  const Audio input = programme(3, 24000, 5);
  LaneProcessor lanes(program_of(op, 3, 1));
  const Audio output = run_lanes(lanes, input);
  for (int strip = 0; strip < 3; ++strip) {
    EXPECT_RESIDUAL_BELOW(output[strip], truth_of(op.biquads[strip], input[strip]), kBiquadDbfs);
  }
  EXPECT_EQ(output[0], input[0]);
}

TEST(Biquad, TheMixBlendsDryAndFiltered) {
  const std::vector<BiquadDesign> sections = {bell(800, 12, 1, 48000)};
  const Audio input = programme(1, 24000, 6);
  LaneProcessor lanes(program_of(biquads_op(sections, 1, 0.25), 1, 1));
  auto truth = truth_of(sections, input[0]);
  for (std::size_t n = 0; n < truth.size(); ++n) {
    truth[n] = 0.25L * truth[n] + 0.75L * input[0][n];
  }
  EXPECT_RESIDUAL_BELOW(run_lanes(lanes, input)[0], truth, kBiquadDbfs);
}

TEST(Biquad, NewSectionsTakeOverTheOldState) {
  // A filter replaced by itself between calls goes on as if nothing had happened.
  const std::vector<BiquadDesign> sections = {bell(60, 12, 4, 48000), bell(3000, -4, 1, 48000)};
  const Audio input = programme(1, 6400, 7);
  LaneProcessor plain(program_of(biquads_op(sections), 1, 1));
  LaneProcessor replaced(program_of(biquads_op(sections), 1, 1));
  const Audio truth = run_lanes(plain, input);
  Audio pieces(1);
  for (Frames first = 0; first < 6400; first += 64) {
    replaced.set_biquads(0, 0, sections);
    const Audio part = {{input[0].begin() + first, input[0].begin() + first + 64}};
    const Audio out = run_lanes(replaced, part);
    pieces[0].insert(pieces[0].end(), out[0].begin(), out[0].end());
  }
  EXPECT_EQ(pieces, truth);
}

}  // namespace
}  // namespace tutti::test
