// SPDX-License-Identifier: Apache-2.0
// Mid and side on every machine.
#include <array>
#include <optional>

#include "tests/reference/biquad.hpp"
#include "tests/reference/stereo.hpp"
#include "tests/support/bounds.hpp"
#include "tests/support/channel_runner.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

constexpr double kRate = 48000;

// Gains and one rounding; the filter's double states stay 40 dB below that.
constexpr double kStereoDbfs = bounds::kSumDbfs;

StereoSpec with_mono_bass(double below_hz) {
  StereoSpec spec{1.4, -1, 2, {}};
  spec.mono_below_hz = below_hz;
  return spec;
}

/// The definition, with the sections of a design over the side in long double.
Samples definition(const StereoDesign& design, const Samples& in) {
  std::vector<long double> side;
  for (std::size_t n = 0; n < in[0].size(); ++n)
    side.push_back((static_cast<long double>(in[0][n]) - in[1][n]) / 2 * design.side);
  for (int k = 0; k < design.section_count; ++k) {
    const BiquadDesign& d = design.sections[k];
    side = reference::filter({d.b0, d.b1, d.b2, d.a1, d.a2}, side);
  }
  Samples out(2);
  for (std::size_t n = 0; n < side.size(); ++n) {
    const long double mid = (static_cast<long double>(in[0][n]) + in[1][n]) / 2 * design.mid;
    out[0].push_back(static_cast<float>(mid + side[n]));
    out[1].push_back(static_cast<float>(mid - side[n]));
  }
  return out;
}

/// Automated gains: a new target at every control step of [from, to), none elsewhere.
struct Motion {
  Frames from = 0, to = 0;

  std::vector<StereoChange> changes(const StereoDesign& design, Frames first, Frames frames) const {
    std::vector<StereoChange> result;
    for (Frames n = 0; n < frames; n += kControlFrames) {
      if (first + n < from || first + n >= to) continue;
      StereoChange change{n, design};
      const double t = static_cast<double>(first + n) * 1e-3;
      change.design.mid = 1 + 0.5 * std::sin(t);
      change.design.side = std::cos(2 * t);
      result.push_back(change);
    }
    return result;
  }
};

class StereoOnEveryMachine : public ::testing::TestWithParam<Machine> {
 protected:
  std::unique_ptr<Backend> backend = open_machine(GetParam());

  Samples run(const StereoDesign& design, const Samples& in, const Cut& cut,
              const Motion& motion = {}) {
    return run_on(*backend, design, in, cut, motion);
  }
  static Samples run_on(Backend& machine, const StereoDesign& design, const Samples& in,
                        const Cut& cut, const Motion& motion) {
    const auto runner = machine.make_stereo(design);
    return in_calls(machine, in, cut, [&](Frames first, TileView from, TileView to) {
      runner->process(from, to, motion.changes(design, first, from.frames));
    });
  }
};

TEST_P(StereoOnEveryMachine, FollowsTheDefinitionOfMidAndSide) {
  const Samples in = noise(2, 4000, 1);
  for (const StereoSpec& spec :
       {StereoSpec{1, 0, 0, {}}, StereoSpec{0, 0, 0, {}}, StereoSpec{1.7, -3, 2, {}},
        StereoSpec{1, kMinusInfinityDb, 0, {}}, StereoSpec{1, 0, kMinusInfinityDb, {}}}) {
    const Samples out = run(design(spec, kRate), in, {{1500}, true});
    const auto truth = reference::stereo(spec, in[0], in[1]);
    for (std::size_t c = 0; c < 2; ++c) EXPECT_RESIDUAL_BELOW(out[c], truth[c], kStereoDbfs);
  }
}

TEST_P(StereoOnEveryMachine, LeavesASignalAloneBitForBitByDefault) {
  const Samples in = noise(2, 1000, 2);
  EXPECT_EQ(run(design(StereoSpec{}, kRate), in, {{1000}}), in);
}

TEST_P(StereoOnEveryMachine, FiltersTheSideAsItsSectionsAreDefined) {
  // Chunks of a scan hold 4,096 frames: less, one, and several, with and without a rest.
  for (const Frames frames : {1, 33, 4096, 4097, 20000}) {
    const Samples in = noise(2, frames, 3);
    for (const double below_hz : {150.0, 2000.0}) {
      const StereoDesign numbers = design(with_mono_bass(below_hz), kRate);
      const Samples out = run(numbers, in, {{frames}}), truth = definition(numbers, in);
      for (std::size_t c = 0; c < 2; ++c)
        EXPECT_RESIDUAL_BELOW(out[c], truth[c], kStereoDbfs) << frames << ' ' << below_hz;
    }
  }
}

// Poles 0.0003 from the unit circle: where matrix powers and states lose most digits.
TEST_P(StereoOnEveryMachine, KeepsItsPrecisionAtTheLowestBassOfTheHighestRate) {
  const Samples in = noise(2, 40000, 4);
  const StereoDesign numbers = design(with_mono_bass(10), 192000);
  const Samples out = run(numbers, in, {{16384}}), truth = definition(numbers, in);
  for (std::size_t c = 0; c < 2; ++c) EXPECT_RESIDUAL_BELOW(out[c], truth[c], kStereoDbfs);
}

TEST_P(StereoOnEveryMachine, GivesTheSameBitsInTilesOfEverySize) {
  const Samples in = noise(2, 70000, 5);
  for (const std::optional<double> below_hz : {std::optional<double>{}, {150.0}}) {
    StereoSpec spec{1.2, -1, 1, below_hz};
    const Motion motion{3000, 30000};
    const Samples whole = run(design(spec, kRate), in, {{65536}}, motion);
    EXPECT_EQ(run(design(spec, kRate), in, {{8192}, true}, motion), whole);
    EXPECT_EQ(run(design(spec, kRate), in, {{4096}}, motion), whole);
  }
}

TEST_P(StereoOnEveryMachine, TakesAnyNumberOfFrames) {
  const Samples in = noise(2, 20000, 6);
  const StereoDesign numbers = design(with_mono_bass(150), kRate);
  const Samples truth = definition(numbers, in);
  for (const Cut& cut :
       {Cut{{1, 31, 32, 33, 5000}, true}, Cut{{4095}, false}, Cut{{4097, 3}, true}}) {
    const Samples out = run(numbers, in, cut);
    for (std::size_t c = 0; c < 2; ++c)
      EXPECT_RESIDUAL_BELOW(out[c], truth[c], kStereoDbfs) << cut.calls[0];
  }
}

TEST_P(StereoOnEveryMachine, ReachesAnAutomatedGainOnALine) {
  const Frames frames = 4 * kControlFrames;
  const Samples ones(2, std::vector<float>(static_cast<std::size_t>(frames), 1.0f));
  const auto runner = backend->make_stereo(design(StereoSpec{}, kRate));
  const Samples out = in_calls(*backend, ones, {{100}}, [&](Frames first, TileView a, TileView b) {
    StereoChange change{kControlFrames, StereoDesign{3, 1, 0, {}}};
    runner->process(a, b, std::span<const StereoChange>(&change, first == 0 ? 1 : 0));
  });
  for (Frames n = 0; n < frames; ++n) {
    const double t = std::clamp(static_cast<double>(n + 1) / kControlFrames - 1, 0.0, 1.0);
    EXPECT_FLOAT_EQ(out[0][n], static_cast<float>(1 + 2 * t)) << n;
  }
}

TEST_P(StereoOnEveryMachine, MovesLikeTheCpu) {
  const auto cpu = open_cpu_backend();
  const Samples in = noise(2, 20000, 7);
  for (const std::optional<double> below_hz : {std::optional<double>{}, {80.0}}) {
    const StereoDesign numbers = design({0.7, 1, -2, below_hz}, kRate);
    const Motion motion{1000, 15000};
    const Samples out = run(numbers, in, {{8192}}, motion);
    const Samples truth = run_on(*cpu, numbers, in, {{8192}}, motion);
    for (std::size_t c = 0; c < 2; ++c) EXPECT_RESIDUAL_BELOW(out[c], truth[c], kStereoDbfs);
    if (!below_hz) {
      EXPECT_EQ(out, truth);
    }
  }
}

TEST_P(StereoOnEveryMachine, TakesSilenceForZerosAndFallsQuiet) {
  const StereoDesign numbers = design(with_mono_bass(200), kRate);
  const auto heard = backend->make_stereo(numbers), told = backend->make_stereo(numbers);
  EXPECT_TRUE(told->quiet());
  const Samples in = noise(2, 4096, 8), none = silence(2, 4096);
  EXPECT_EQ(through(*backend, *heard, in, {{4096}}), through(*backend, *told, in, {{4096}}));
  EXPECT_FALSE(told->quiet());
  Samples last;
  int tiles = 0;
  for (; !told->quiet() && tiles < 10; ++tiles) {
    last = in_calls(*backend, none, {{4096}}, [&](Frames, TileView from, TileView to) {
      told->process({nullptr, from.channels, from.frames, 0}, to);
    });
    EXPECT_EQ(through(*backend, *heard, none, {{4096}}), last);
  }
  // The slow pole pair decays with 2π·200·0.38/48000 a frame: e^−34.5 takes 3,450 frames.
  EXPECT_GE(tiles, 1);
  EXPECT_LE(tiles, 2);
  EXPECT_LT(std::abs(last[0].back()), 1e-15);
}

TEST_P(StereoOnEveryMachine, IsAlwaysQuietWithoutAFilter) {
  const auto runner = backend->make_stereo(design(StereoSpec{0.5, 0, 0, {}}, kRate));
  through(*backend, *runner, noise(2, 100, 9), {{100}});
  EXPECT_TRUE(runner->quiet());
}

TEST_P(StereoOnEveryMachine, ForgetsTheSignalAtAResetAndKeepsItsGains) {
  const StereoDesign numbers = design(with_mono_bass(100), kRate);
  const Samples in = noise(2, 6000, 10);
  const auto runner = backend->make_stereo(numbers);
  StereoDesign moved = numbers;
  moved.mid = 0.25;
  const StereoChange change{0, moved};
  in_calls(*backend, in, {{6000}}, [&](Frames, TileView a, TileView b) {
    runner->process(a, b, {&change, 1});
  });
  runner->reset();
  EXPECT_TRUE(runner->quiet());
  EXPECT_EQ(through(*backend, *runner, in, {{6000}}), run(moved, in, {{6000}}));
}

TUTTI_ON_EVERY_MACHINE(StereoOnEveryMachine);

}  // namespace
}  // namespace tutti::test
