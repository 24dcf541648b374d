// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/impulse.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <random>
#include <stdexcept>

#include "host/dsp/convolver.hpp"
#include "host/dsp/impulse_blocks.hpp"
#include "tests/reference/convolver.hpp"
#include "tests/support/residual.hpp"

namespace tutti {
namespace {

std::vector<double> noise(std::size_t count, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<double> x(count);
  for (double& value : x) value = uniform(generator);
  return x;
}

double norm(const std::vector<double>& x) {
  double energy = 0;
  for (double value : x) energy += value * value;
  return std::sqrt(energy);
}

TEST(ConvolveImpulses, EqualsTheSumThatDefinesIt) {
  // Both sides of the switch from the sum to the transform, and of its powers of two.
  for (auto [a_size, b_size] : {std::pair<std::size_t, std::size_t>{1, 1},
                                {1, 5000},
                                {300, 7},
                                {1024, 1025},
                                {1023, 1026},
                                {4000, 3000},
                                {257, 256}}) {
    const std::vector<double> a = noise(a_size, 1), b = noise(b_size, 2);
    const std::vector<double> y = convolve_impulses(a, b);
    EXPECT_RESIDUAL_BELOW(y, reference::convolve(a, b, a_size + b_size - 1),
                          -250 + linear_to_db(norm(a) * norm(b)));
  }
  EXPECT_TRUE(convolve_impulses({}, noise(3, 3)).empty());
}

// One pole at r: y[n] = r^n, a closed form.
TEST(FilterImpulse, OnePoleDecaysGeometricallyDownToTheFloor) {
  const double r = 0.999;
  const std::vector<double> y =
      filter_impulse(std::vector<double>{1}, std::vector<BiquadDesign>{{1, 0, 0, -r, 0}});
  const double last = std::log(db_to_linear(kImpulseFloorDb)) / std::log(r);
  EXPECT_EQ(y.size(), static_cast<std::size_t>(std::ceil(last)));
  for (std::size_t n = 0; n < y.size(); n += 97) {
    EXPECT_NEAR(y[n], std::pow(r, static_cast<double>(n)), 1e-13);
  }
}

TEST(FilterImpulse, HasTheProductOfTheResponses) {
  // A resonance at 20 Hz with a Q of 10 and a high-pass at 80 Hz, at 48 kHz: the slow pole rings
  // on.
  const double omega0 = 2 * kPi * 20 / 48000, alpha = std::sin(omega0) / 20;
  const BiquadDesign resonance{alpha / (1 + alpha), 0, -alpha / (1 + alpha),
                               -2 * std::cos(omega0) / (1 + alpha), (1 - alpha) / (1 + alpha)};
  const std::vector<BiquadDesign> sections{resonance, design_butterworth_high_pass(80, 48000)};
  const std::vector<double> h = noise(50, 4);
  const std::vector<double> y = filter_impulse(h, sections);
  const auto spectrum = [](const std::vector<double>& x, double omega) {
    std::complex<double> sum = 0;
    for (std::size_t n = 0; n < x.size(); ++n) {
      sum += x[n] * std::polar(1.0, -omega * static_cast<double>(n));
    }
    return sum;
  };
  for (double frequency_hz : {5.0, 20.0, 21.0, 100.0, 1000.0, 15000.0}) {
    const double omega = 2 * kPi * frequency_hz / 48000;
    const std::complex<double> expected =
        spectrum(h, omega) * response(sections[0], omega) * response(sections[1], omega);
    EXPECT_LE(linear_to_db(std::abs(spectrum(y, omega) - expected)), -120.0) << frequency_hz;
  }
}

TEST(FilterImpulse, OfNoSectionsAndOfSilence) {
  const std::vector<double> h = noise(50, 5);
  EXPECT_EQ(filter_impulse(h, {}), h);
  EXPECT_TRUE(filter_impulse(std::vector<double>(9), std::vector<BiquadDesign>(2)).empty());
}

TEST(FilterImpulse, RefusesAnUnstableSection) {
  EXPECT_THROW(filter_impulse(std::vector<double>{1}, std::vector<BiquadDesign>{{1, 0, 0, -1, 0}}),
               std::invalid_argument);
  EXPECT_THROW(filter_impulse(std::vector<double>{1}, std::vector<BiquadDesign>{{1, 0, 0, 0, 1.1}}),
               std::invalid_argument);
}

TEST(TrimImpulse, DropsTheEndBelowTheFloorAndNothingElse) {
  EXPECT_EQ(trim_impulse({0, 1e-9, 2, 1e-3, 1e-9, 0}), (std::vector<double>{0, 1e-9, 2, 1e-3}));
  EXPECT_EQ(trim_impulse({2, 1, 0.01}, -40), (std::vector<double>{2, 1}));
  EXPECT_TRUE(trim_impulse({0, 0}).empty());
  EXPECT_TRUE(trim_impulse({}).empty());
}

TEST(DelayImpulse, PutsZerosBeforeIt) {
  EXPECT_EQ(delay_impulse(std::vector<double>{1, 2}, 3), (std::vector<double>{0, 0, 0, 1, 2}));
  EXPECT_EQ(delay_impulse(std::vector<double>{1, 2}, 0), (std::vector<double>{1, 2}));
}

TEST(ChooseBlockFrames, DividesTheTileAndGrowsWithTheImpulse) {
  Frames previous = 0;
  for (Frames impulse : {1, 100, 1000, 10000, 100000, 1000000}) {
    const Frames block = choose_block_frames(impulse, 1 << 18);
    EXPECT_EQ((1 << 18) % block, 0);
    EXPECT_GE(block, previous);
    previous = block;
  }
  EXPECT_LE(choose_block_frames(96000, 3 * 512), 512);
  EXPECT_THROW(choose_block_frames(96000, 1000), std::invalid_argument);
}

// No block of the tile is cheaper by the model's own figures.
TEST(ChooseBlockFrames, IsTheMinimumOfTheCost) {
  for (Frames impulse : {1, 3000, 96000, 480000}) {
    const Frames chosen = choose_block_frames(impulse, 1 << 18);
    for (Frames block = 256; block <= 131072; block *= 2) {
      EXPECT_LE(convolution_cost_ns(chosen, impulse, 1 << 18),
                convolution_cost_ns(block, impulse, 1 << 18));
    }
  }
}

TEST(ConvolverSpec, TurnsMillisecondsAndDecibelsIntoFramesAndFactors) {
  ConvolverSpec spec;
  spec.impulse = "hall.wav";
  spec.predelay_ms = 20;
  spec.wet_db = -6;
  const ConvolverDesign d = design(spec, 44100);
  EXPECT_EQ(d.predelay_frames, 882);
  EXPECT_DOUBLE_EQ(d.wet, std::pow(10, -0.3));
  EXPECT_EQ(d.dry, 0);
  EXPECT_TRUE(validate(spec, 44100).empty());
}

TEST(ConvolverSpec, NeedsAnImpulse) {
  const std::vector<SpecIssue> issues = validate(ConvolverSpec{}, 48000);
  ASSERT_EQ(issues.size(), 1u);
  EXPECT_EQ(issues[0].field, "impulse");
}

}  // namespace
}  // namespace tutti
