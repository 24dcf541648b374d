// SPDX-License-Identifier: Apache-2.0
// The device lent to several tracks: they are on it at once, take little of it, and do not show in each
// other's bits.
#include <cuda_runtime.h>

#include <map>
#include <thread>

#include "host/audio/errors.hpp"
#include "tests/kernels/support/schedules.hpp"
#include "tests/support/channel_runner.hpp"

namespace tutti::test {
namespace {

using Loan = std::shared_ptr<Backend>;
constexpr std::size_t kMostLent = 8;

std::vector<Loan> lend(Backend& backend, std::size_t count) {
  std::vector<Loan> loans;
  while (loans.size() < count) loans.push_back(backend.lend());
  return loans;
}

/// What a track is put through: a queue of kernels, copies and waits.
Samples track(Backend& backend, unsigned seed) {
  const auto delay = backend.make_delay({700, 0.8, 0.5, 0.5}, 2);
  StereoSpec spec{1.3, 0, -1, {}};
  spec.mono_below_hz = 120;
  const auto stereo = backend.make_stereo(design(spec, 48000));
  const Samples in = noise(2, cuda::reduced(20000, 5000), seed);
  return through(backend, *stereo, through(backend, *delay, in, {{4096}}), {{2048, 100}, true});
}

class Lending : public ::testing::Test {
 protected:
  ~Lending() override {
    cudacpu::set_streams(cudacpu::Streams::eager);
    cudacpu::fail_allocation_after(-1);
  }

  /// How many launches happen when `waits` fetches what nothing was computed of, with work of `works`
  /// queued before. Streams that run as late as possible do what is waited for and nothing else.
  static std::uint64_t launches_waited_for(Backend& works, Backend& waits) {
    cudacpu::set_streams(cudacpu::Streams::late);
    const auto runner = works.make_delay({700, 0.8, 0.5, 0.5}, 2);
    const auto tile = put(works, noise(2, 4096, 1));
    const auto other = put(waits, noise(2, 4096, 2));
    runner->process(tile->view(), tile->view());
    const std::uint64_t before = cudacpu::stats().launches;
    EXPECT_EQ(take(waits, other->view()), noise(2, 4096, 2));
    const std::uint64_t launches = cudacpu::stats().launches - before;
    take(works, tile->view());
    EXPECT_GT(cudacpu::stats().launches - before, 0u) << "there was nothing to wait for";
    cudacpu::set_streams(cudacpu::Streams::eager);
    return launches;
  }

  std::unique_ptr<Backend> backend_ = cuda::open_cuda_backend(0);
};

TEST_F(Lending, NoTrackWaitsForTheWorkOfAnother) {
  const auto loans = lend(*backend_, kMostLent);
  for (const Loan& works : loans)
    for (const Loan& waits : loans) {
      if (works == waits) continue;
      EXPECT_EQ(launches_waited_for(*works, *waits), 0u);
    }
  EXPECT_GT(launches_waited_for(*loans[0], *loans[0]), 0u) << "one queue would have been noticed";
}

TEST_F(Lending, TracksSideBySideHaveTheBitsOfOneAfterTheOther) {
  constexpr unsigned kTracks = 12;  // some share
  std::vector<Samples> alone;
  for (unsigned t = 0; t < kTracks; ++t) alone.push_back(track(*backend_, t));
  cuda::for_every_schedule([&](const char* schedule) {
    std::vector<Samples> beside(kTracks);
    const auto loans = lend(*backend_, kTracks);
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < kTracks; ++t)
      threads.emplace_back([&, t] { beside[t] = track(*loans[t], t); });
    threads.clear();
    EXPECT_EQ(beside, alone) << schedule;
  });
}

TEST_F(Lending, AHundredTracksShareAFewQueuesEvenly) {
  std::map<Backend*, int> tracks;
  const auto loans = lend(*backend_, 100);
  for (const Loan& loan : loans) ++tracks[loan.get()];
  EXPECT_EQ(tracks.size(), kMostLent);
  for (const auto& [queue, count] : tracks) EXPECT_NEAR(count, 100 / kMostLent, 1);
  // Streams to compute, upload and download on, and pinned memory for parameters.
  EXPECT_EQ(cudacpu::holdings().streams, 3 * kMostLent);
  EXPECT_EQ(cudacpu::holdings().pinned_allocations, 2 * kMostLent);
}

TEST_F(Lending, WhatWasGivenBackIsLentAgain) {
  EXPECT_EQ(backend_->lend().get(), backend_.get()) << "one track is as if nothing were lent";
  const auto run = [&] {
    const auto loans = lend(*backend_, kMostLent);
    for (unsigned t = 0; t < kMostLent; ++t) track(*loans[t], t);
    backend_->release_kept();
    return cudacpu::holdings();
  };
  const cudacpu::Holdings once = run();
  EXPECT_EQ(once.device_bytes, 0u) << "nothing of a track stays on the device";
  EXPECT_EQ(run(), once);
  EXPECT_EQ(backend_->lend().get(), backend_.get());
}

TEST_F(Lending, WithoutMemoryForAnotherQueueTracksShareOne) {
  const Loan first = backend_->lend();
  for (const int succeed : {0, 1}) {
    cudacpu::fail_allocation_after(succeed);
    EXPECT_EQ(backend_->lend(), first);
  }
  EXPECT_NE(backend_->lend(), first) << "there is again";
}

TEST_F(Lending, ALostDeviceIsLostToEveryTrack) {
  const auto loans = lend(*backend_, 2);
  cudacpu::fail_launch_after(0);
  EXPECT_THROW(track(*loans[0], 1), DeviceError);
  EXPECT_THROW(track(*loans[1], 1), DeviceError);
  EXPECT_THROW(lend(*backend_, kMostLent), DeviceError);
  cudacpu::revive();
}

}  // namespace
}  // namespace tutti::test
