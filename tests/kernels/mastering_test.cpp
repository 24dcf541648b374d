// SPDX-License-Identifier: Apache-2.0
// Meters and limiters under every order in which threads, blocks and streams may run: the same
// bits.
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <vector>

#include "kernels/backend.hpp"
#include "kernels/ring.hpp"
#include "kernels/runtime/stream.hpp"
#include "tests/support/backend_streams.hpp"
#include "tests/support/signals.hpp"

namespace tutti::test {
namespace {

/// Restores the order in which the emulation runs threads and streams.
class Schedule {
 public:
  Schedule(cudacpu::Order order, cudacpu::Streams streams) {
    cudacpu::set_order(order, 7);
    cudacpu::set_streams(streams, 7);
  }
  ~Schedule() {
    cudacpu::set_order(cudacpu::Order::Forward);
    cudacpu::set_streams(cudacpu::Streams::Eager);
  }
};

template <class Run>
void expect_same_under_every_schedule(Run run) {
  const auto truth = run();
  {
    const Schedule schedule(cudacpu::Order::Reverse, cudacpu::Streams::Lazy);
    EXPECT_EQ(run(), truth) << "in reverse, streams late";
  }
  const Schedule schedule(cudacpu::Order::Random, cudacpu::Streams::Random);
  EXPECT_EQ(run(), truth) << "shuffled";
}

TEST(MasteringSchedules, MeterKeepsItsBits) {
  const Buffer signal = music_like(2, 30000, 48000, 6, 1.6);
  expect_same_under_every_schedule([&] {
    const auto backend = cuda::open_cuda_backend(0);
    const Measurement m = measure_on(*backend, signal, 48000, {1, 1.41}, {}, {9000, 77});
    std::vector<std::uint64_t> bits;
    for (const double value :
         {*m.integrated_lufs, *m.momentary_max_lufs, *m.true_peak_dbtp, *m.sample_peak_dbfs,
          *m.rms_dbfs, m.dc_offset, *m.correlation, static_cast<double>(m.clipped_samples)})
      bits.push_back(std::bit_cast<std::uint64_t>(value));
    return bits;
  });
}

TEST(MasteringSchedules, LimiterKeepsItsBits) {
  const Buffer signal = music_like(2, 3000, 48000, 6, 3);
  for (const double link : {1.0, 0.5}) {
    LimiterSpec spec;
    spec.link = link;
    spec.input_gain_db = 6;
    const LimiterDesign d = design(spec, 48000);
    expect_same_under_every_schedule([&] {
      const auto backend = cuda::open_cuda_backend(0);
      const Limited out = limit_on(*backend, d, signal, {1000, 77});
      std::vector<float> all = {static_cast<float>(out.max_reduction_db)};
      for (int c = 0; c < 2; ++c)
        all.insert(all.end(), out.signal.channel(c), out.signal.channel(c) + out.signal.frames());
      return all;
    });
  }
}

// Rows that wrap, look back before frame 0, and grow while they are in use.
TEST(DeviceRing, RemembersWhatItSaysWhateverTheBlocks) {
  constexpr Frames kMemory = 37, kFrames = 700;
  constexpr int kChannels = 3;
  const cuda::Stream stream;
  std::vector<float> samples;
  for (Frames n = 0; n < kChannels * kFrames; ++n) samples.push_back(static_cast<float>(n + 1));
  const auto device = cuda::device_copy(stream, samples);
  cuda::DeviceRing<float> ring(kChannels, kMemory);
  const std::vector<Frames> cuts = {1, 2, 31, 32, 33, 5, 150, 1, 300, 145};
  Frames first = 0;
  for (const Frames count : cuts) {
    ring.make_room(stream, first, count);
    cuda::append(stream, {device.data() + first, kChannels, count, kFrames}, ring.data(),
                 ring.mask(), {.first = first, .gain = 0.5F});
    const auto rows = cuda::host_copy(
        stream, cuda::DeviceSpan<float>(ring.data(),
                                        static_cast<std::size_t>(kChannels * (ring.mask() + 1))));
    for (int c = 0; c < kChannels; ++c)
      for (Frames n = first - kMemory; n < first + count; ++n) {
        const float truth = n < 0 ? 0 : 0.5F * static_cast<float>(c * kFrames + n + 1);
        ASSERT_EQ(rows[static_cast<std::size_t>(c * (ring.mask() + 1) + (n & ring.mask()))], truth)
            << "channel " << c << ", frame " << n << ", block at " << first;
      }
    first += count;
  }
  EXPECT_EQ(first, kFrames);
}

TEST(GrowingBuffer, KeepsWhatItHoldsAndBeginsWithZeros) {
  const cuda::Stream stream;
  cuda::GrowingBuffer<int> buffer;
  EXPECT_EQ(buffer.span().size(), 0u);
  buffer.grow(stream, 3);
  EXPECT_EQ(cuda::host_copy(stream, buffer.span()), (std::vector<int>{0, 0, 0}));
  const int two[] = {7, 8};
  cuda::check(cudaMemcpyAsync(buffer.data() + 1, two, sizeof two, cudaMemcpyHostToDevice, stream),
              "upload");
  buffer.grow(stream, 2);
  EXPECT_EQ(buffer.size(), 3u);
  buffer.grow(stream, 20);
  std::vector<int> truth(20);
  truth[1] = 7;
  truth[2] = 8;
  EXPECT_EQ(cuda::host_copy(stream, buffer.span()), truth);
}

}  // namespace
}  // namespace tutti::test
