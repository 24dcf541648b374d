// SPDX-License-Identifier: Apache-2.0
// Sums on every machine: the very bits of a plain loop in double.
#include <cmath>
#include <random>

#include "tests/support/backends.hpp"

namespace tutti::test {
namespace {

class Ramp : public GainCurve {
 public:
  void values(Frames first, std::span<float> values) const override {
    for (std::size_t n = 0; n < values.size(); ++n)
      values[n] = 1.0f / static_cast<float>(first + static_cast<Frames>(n) + 1);
  }
};

Samples noise(int channels, Frames frames, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  Samples samples(static_cast<std::size_t>(channels),
                  std::vector<float>(static_cast<std::size_t>(frames)));
  for (auto& channel : samples)
    for (float& x : channel) x = uniform(random);
  return samples;
}

class SumOnEveryMachine : public ::testing::TestWithParam<Machine> {};

TEST_P(SumOnEveryMachine, AddsStaticAndMovingGainsInDoubleAndRoundsOnce) {
  const auto backend = open_machine(GetParam());
  const Frames frames = 5000, first = 77;
  const Samples mono = noise(1, frames, 1), stereo = noise(2, frames, 2);
  const auto a = put(*backend, mono), b = put(*backend, stereo);
  const Ramp ramp;
  const double to_both[] = {0.3, 0.7}, swap[] = {0.0, 1.5, -0.25, 0.0};
  const GainCurve* moving[] = {&ramp, nullptr};
  const SumTerm terms[] = {{a->view(), to_both, moving}, {b->view(), swap, {}}, {TileView{}, {}, {}}};
  const auto out = backend->allocate(2, frames);
  backend->sum(first, terms, out->view());
  const Samples result = take(*backend, out->view());
  std::vector<float> gains(static_cast<std::size_t>(frames));
  ramp.values(first, gains);
  for (std::size_t n = 0; n < gains.size(); ++n) {
    const double left =
        std::fma(1.5, static_cast<double>(stereo[1][n]), static_cast<double>(gains[n]) * mono[0][n]);
    const double right = std::fma(-0.25, static_cast<double>(stereo[0][n]), 0.7 * mono[0][n]);
    ASSERT_EQ(result[0][n], static_cast<float>(left)) << n;
    ASSERT_EQ(result[1][n], static_cast<float>(right)) << n;
  }
}

TEST_P(SumOnEveryMachine, OfNothingIsSilence) {
  const auto backend = open_machine(GetParam());
  const auto out = backend->allocate(2, 1000);
  backend->sum(0, {}, out->view());
  for (const auto& channel : take(*backend, out->view()))
    for (float x : channel) ASSERT_EQ(x, 0.0f);
}

TEST_P(SumOnEveryMachine, ScalesInPlace) {
  const auto backend = open_machine(GetParam());
  const Samples stereo = noise(2, 300, 3);
  const auto tile = put(*backend, stereo);
  const double half[] = {0.5, 0, 0, 0.5};
  const SumTerm term{tile->view(), half, {}};
  backend->sum(0, {&term, 1}, tile->view());
  const Samples result = take(*backend, tile->view());
  for (std::size_t c = 0; c < 2; ++c)
    for (std::size_t n = 0; n < 300; ++n) ASSERT_EQ(result[c][n], 0.5f * stereo[c][n]);
}

TUTTI_ON_EVERY_MACHINE(SumOnEveryMachine);

}  // namespace
}  // namespace tutti::test
