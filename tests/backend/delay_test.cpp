// SPDX-License-Identifier: Apache-2.0
// Delay lines on every machine: the effect against its series of echoes, alignment bit for bit.
#include <array>

#include "tests/reference/delay.hpp"
#include "tests/support/bounds.hpp"
#include "tests/support/channel_runner.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

constexpr double kRate = 48000;

// 0 and 1 frame; around a warp, around the 1,024 frames where a GPU changes its way, around a tile
// of 4,096, and longer than the signal.
constexpr std::array<Frames, 13> kDelays = {0,    1,    31,   32,   33,   1023, 1024,
                                            1025, 4095, 4096, 4097, 9000, 30000};

// Tiles, then anything; apart and in place.
const std::array<Cut, 5> kCuts = {{{{4096}, false},
                                   {{8192}, true},
                                   {{65536}, false},
                                   {{1, 31, 32, 33, 2000}, true},
                                   {{5000, 77}, false}}};

class DelayOnEveryMachine : public ::testing::TestWithParam<Machine> {
 protected:
  std::unique_ptr<Backend> backend = open_machine(GetParam());
};

TEST_P(DelayOnEveryMachine, FollowsTheSeriesOfEchoes) {
  const Samples in = noise(3, 20000, 1);
  for (const DelaySpec& spec :
       {DelaySpec{10, 0, kMinusInfinityDb, 0}, DelaySpec{0, 0, -6, -6},
        DelaySpec{0.021, 0.9, 0, -3}, DelaySpec{1.5, 0.99, -2, -12}, DelaySpec{30, 0.99, 0, -12},
        DelaySpec{100, 0.5, 0, 0}, DelaySpec{400, 0.5, 0, 0}, DelaySpec{9000, 0.5, 0, 0}}) {
    const auto runner = backend->make_delay(design(spec, kRate), 3);
    const Samples out = through(*backend, *runner, in, {{4096}});
    for (std::size_t c = 0; c < 3; ++c)
      EXPECT_RESIDUAL_BELOW(out[c], reference::delay(spec, kRate, in[c]),
                            bounds::kSumDbfs + 6)  // echoes sum to about twice full scale
          << spec.time_ms;
  }
}

TEST_P(DelayOnEveryMachine, GivesTheBitsOfTheCpuHoweverTheStreamIsCut) {
  const auto cpu = open_cpu_backend();
  const Samples in = noise(2, 20480, 2);
  for (const Frames delay_frames : kDelays)
    for (const double feedback : {0.0, 0.99}) {
      if (delay_frames == 0 && feedback != 0) continue;
      const DelayDesign design{delay_frames, feedback, 0.5, 0.8};
      const auto plain = cpu->make_delay(design, 2);
      const Samples truth = through(*cpu, *plain, in, {{20480}});
      for (const Cut& cut : kCuts) {
        const auto runner = backend->make_delay(design, 2);
        EXPECT_EQ(through(*backend, *runner, in, cut), truth)
            << delay_frames << " frames, feedback " << feedback << ", calls of " << cut.calls[0];
      }
    }
}

TEST_P(DelayOnEveryMachine, TakesSilenceForZeros) {
  const Samples in = noise(2, 3000, 3), none = silence(2, 3000);
  for (const Frames delay_frames : {0, 700, 2000, 5000}) {
    const DelayDesign design{delay_frames, delay_frames ? 0.6 : 0.0, 0.5, 0.8};
    const auto heard = backend->make_delay(design, 2), told = backend->make_delay(design, 2);
    EXPECT_EQ(through(*backend, *heard, in, {{3000}}), through(*backend, *told, in, {{3000}}));
    for (int k = 0; k < 3; ++k) {
      const Samples zeros = through(*backend, *heard, none, {{3000}});
      const Samples nothing =
          in_calls(*backend, none, {{3000}}, [&](Frames, TileView from, TileView to) {
            told->process({nullptr, from.channels, from.frames, 0}, to);
          });
      EXPECT_EQ(zeros, nothing) << delay_frames;
    }
  }
}

/// Frames of told silence, in calls of `step`, until the runner says that it is quiet.
Frames frames_until_quiet(Backend& backend, ChannelRunner& runner, int channels, Frames step) {
  const auto out = backend.allocate(channels, step);
  Frames silent = 0;
  for (; !runner.quiet() && silent < (Frames{1} << 40); silent += step)
    runner.process({nullptr, channels, step, 0}, out->view());
  return silent;
}

TEST_P(DelayOnEveryMachine, IsQuietOnlyWhenNothingAboveMinus300DbfsCanCome) {
  for (const DelayDesign& design :
       {DelayDesign{100, 0.5, 0, 1}, DelayDesign{2000, 0.3, 1, 1}, DelayDesign{64, 0, 0, 1}}) {
    const auto runner = backend->make_delay(design, 1);
    EXPECT_TRUE(runner->quiet());
    Samples click = silence(1, 100);
    click[0][99] = 1;
    through(*backend, *runner, click, {{100}});
    EXPECT_FALSE(runner->quiet());
    const Frames frames = frames_until_quiet(*backend, *runner, 1, 100);
    EXPECT_GE(frames, design.delay_frames);
    // 10⁻¹⁵ after 50 passes of 0.5; a count that does not look may take as many again.
    EXPECT_LE(frames, 101 * design.delay_frames + 100);
    const Samples rest =
        through(*backend, *runner, silence(1, design.delay_frames), {{design.delay_frames}});
    for (float x : rest[0]) ASSERT_LT(std::abs(x), 1e-15);
  }
}

TEST_P(DelayOnEveryMachine, ForgetsItsEchoesAtAReset) {
  const Samples in = noise(2, 5000, 4);
  for (const Frames delay_frames : {1, 900, 1500, 7000}) {
    const auto runner = backend->make_delay({delay_frames, 0.9, 0.7, 0.8}, 2);
    const Samples first = through(*backend, *runner, in, {{1234}});
    runner->reset();
    EXPECT_TRUE(runner->quiet());
    EXPECT_EQ(through(*backend, *runner, in, {{1234}}), first);
  }
}

TEST_P(DelayOnEveryMachine, MovesEveryBitBackByAnAlignment) {
  const Samples in = noise(3, 20480, 5);
  for (const Frames delay_frames : kDelays)
    for (const Cut& cut : kCuts) {
      const auto runner = backend->make_alignment(delay_frames, 3);
      const Samples out = through(*backend, *runner, in, cut);
      for (std::size_t c = 0; c < 3; ++c)
        for (Frames n = 0; n < 20480; ++n)
          ASSERT_EQ(out[c][n], n < delay_frames ? 0.0f : in[c][n - delay_frames])
              << delay_frames << " frames, calls of " << cut.calls[0] << ", frame " << n;
    }
}

TEST_P(DelayOnEveryMachine, IsQuietWhenAllHasLeftAnAlignment) {
  const auto runner = backend->make_alignment(10, 1);
  EXPECT_TRUE(runner->quiet());
  through(*backend, *runner, noise(1, 10, 6), {{10}});
  EXPECT_FALSE(runner->quiet());
  EXPECT_EQ(frames_until_quiet(*backend, *runner, 1, 5), 10);
  through(*backend, *runner, noise(1, 10, 6), {{10}});
  runner->reset();
  EXPECT_TRUE(runner->quiet());
  EXPECT_EQ(through(*backend, *runner, silence(1, 30), {{30}}), silence(1, 30));
}

TEST_P(DelayOnEveryMachine, RefusesANegativeLength) {
  EXPECT_THROW(backend->make_alignment(-1, 2), std::invalid_argument);
}

TUTTI_ON_EVERY_MACHINE(DelayOnEveryMachine);

}  // namespace
}  // namespace tutti::test
