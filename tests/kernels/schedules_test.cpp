// SPDX-License-Identifier: Apache-2.0
// Delays, mid and side, and convolutions give the same bits whatever the order of threads, blocks
// and streams: what waits for nobody shows here.
#include <cuda_runtime.h>

#include <array>

#include "tests/support/channel_runner.hpp"

namespace tutti::test {
namespace {

struct Schedule {
  cudacpu::Order order;
  cudacpu::Streams streams;
};

constexpr std::array<Schedule, 3> kSchedules = {
    {{cudacpu::Order::forward, cudacpu::Streams::eager},
     {cudacpu::Order::reverse, cudacpu::Streams::late},
     {cudacpu::Order::random, cudacpu::Streams::random}}};

class Schedules : public ::testing::Test {
 protected:
  ~Schedules() override { set(kSchedules[0]); }

  static void set(const Schedule& schedule) {
    cudacpu::set_order(schedule.order, 7);
    cudacpu::set_streams(schedule.streams, 7);
  }

  /// `make` gets a backend of its own for each schedule.
  static void expect_same_bits(const std::function<Samples(Backend&)>& make) {
    Samples first;
    for (const Schedule& schedule : kSchedules) {
      set(schedule);
      const auto backend = cuda::open_cuda_backend(0);
      const Samples out = make(*backend);
      if (first.empty()) first = out;
      EXPECT_EQ(out, first);
    }
  }
};

TEST_F(Schedules, DoNotShowInDelays) {
  const Samples in = noise(2, 9000, 1);
  for (const Frames delay_frames : {33, 1500})
    expect_same_bits([&](Backend& backend) {
      const auto runner = backend.make_delay({delay_frames, 0.8, 0.5, 0.5}, 2);
      return through(backend, *runner, in, {{4096, 100}, true});
    });
}

TEST_F(Schedules, DoNotShowInMidAndSide) {
  const Samples in = noise(2, 20000, 2);
  StereoSpec spec{1.3, 0, -1, {}};
  spec.mono_below_hz = 120;
  expect_same_bits([&](Backend& backend) {
    const auto runner = backend.make_stereo(design(spec, 48000));
    return through(backend, *runner, in, {{8192, 100}, true});
  });
}

TEST_F(Schedules, DoNotShowInConvolutions) {
  const Samples in = noise(2, 8192, 3), taps = noise(2, 900, 4, 0.05f);
  SpectralProgram program{256, 2, {}};
  std::vector<std::shared_ptr<const std::vector<float>>> impulses;
  for (const auto& channel : {taps[0], taps[1], taps[1], taps[0]})
    impulses.push_back(std::make_shared<const std::vector<float>>(channel.begin(), channel.end()));
  program.sources.push_back({2, impulses, {0.5, 1.0}});
  expect_same_bits([&](Backend& backend) {
    const auto runner = backend.make_spectral(program, 2, 2048);
    SpectralRunner* const one[] = {runner.get()};
    int slot = 0;
    return in_calls(backend, in, {{2048}}, [&](Frames, TileView from, TileView to) {
      runner->accumulate(slot, from.frames, {&from, 1});
      SpectralRunner::invert(one, slot, to);
      slot = 1 - slot;
    });
  });
}

}  // namespace
}  // namespace tutti::test
