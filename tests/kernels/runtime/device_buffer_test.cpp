// SPDX-License-Identifier: Apache-2.0
// Memory of the device: what is uploaded comes back, owners give back what they took.
#include "kernels/runtime/device_buffer.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "kernels/runtime/stream.hpp"
#include "tests/kernels/support/schedules.hpp"

namespace tutti::cuda {
namespace {

std::vector<float> ramp(std::size_t size) {
  std::vector<float> values(size);
  std::iota(values.begin(), values.end(), 1.0F);
  return values;
}

// 0 and 1; around a page of floats.
constexpr std::size_t kSizes[] = {0, 1, 1023, 1024, 1025};

TEST(DeviceBuffer, GivesBackWhatWasUploaded) {
  for (const std::size_t size : kSizes) {
    const std::vector<float> values = ramp(size);
    const auto back = under_every_schedule([&] {
      const Stream stream;
      const DeviceBuffer<float> pooled = device_copy(stream, values);
      return host_copy(stream, pooled.span());
    });
    EXPECT_EQ(back, values);
  }
}

TEST(DeviceBuffer, CopiesBesideTheHostThroughPinnedMemory) {
  const std::vector<float> values = ramp(1000);
  const auto back = under_every_schedule([&] {
    const Stream stream;
    const PinnedBuffer<float> in(values.size());
    const PinnedBuffer<float> out(values.size());
    const DeviceBuffer<float> device(values.size());
    std::copy(values.begin(), values.end(), in.data());
    upload(stream, in.span(), device.span());
    download(stream, device.span(), out.span());
    stream.synchronize();
    return std::vector<float>(out.host().begin(), out.host().end());
  });
  EXPECT_EQ(back, values);
}

TEST(DeviceBuffer, MovesWithItsMemory) {
  const Stream stream;
  DeviceBuffer<float> first = device_copy(stream, ramp(5));
  const float* const memory = first.data();
  DeviceBuffer<float> second = std::move(first);
  EXPECT_EQ(second.data(), memory);
  EXPECT_EQ(first.data(), nullptr);
  first = std::move(second);
  EXPECT_EQ(host_copy(stream, first.span()), ramp(5));
}

TEST(DeviceBuffer, ClearsPartsAlone) {
  const Stream stream;
  const DeviceBuffer<float> buffer = device_copy(stream, ramp(6));
  clear(stream, buffer.span().subspan(2, 3));
  EXPECT_EQ(host_copy(stream, buffer.span()), (std::vector<float>{1, 2, 0, 0, 0, 6}));
}

TEST(DeviceSignal, AlignsEveryChannel) {
  const Stream stream;
  DeviceSignal signal(stream, 3, 33);
  const DeviceBlock block = signal.view();
  EXPECT_EQ(block.channels, 3);
  EXPECT_EQ(block.frames, 33);
  EXPECT_EQ(block.stride, 64);
  EXPECT_EQ(block.slice(5, 7).channel(2), block.data + 2 * 64 + 5);
  EXPECT_EQ(block.channel_range(1, 2).channels, 2);
  EXPECT_EQ(block.channel_range(1, 2).data, block.channel(1));
}

#ifdef TUTTI_CUDA_EMULATED
TEST(DeviceBuffer, SaysWhenThereIsTooLittleMemory) {
  const Stream stream;
  cudacpu::set_memory_limit(1000);
  EXPECT_THROW(DeviceBuffer<float>(stream, 251), DeviceMemoryError);
  EXPECT_THROW(DeviceBuffer<float>(251), DeviceMemoryError);
  const DeviceBuffer<float> smaller(stream, 250);
  cudacpu::set_memory_limit(std::size_t{8} << 30);
}
#endif

TEST(Event, OrdersStreamsAndTellsTheHost) {
  const auto result = under_every_schedule([] {
    const Stream first;
    const Stream second;
    const Event written;
    EXPECT_TRUE(written.reached());  // never recorded
    const DeviceBuffer<float> buffer(8);
    clear(first, buffer.span());
    written.record(first);
    second.wait(written);
    std::vector<float> back = host_copy(second, buffer.span());
    written.synchronize();
    EXPECT_TRUE(written.reached());
    return back;
  });
  EXPECT_EQ(result, std::vector<float>(8, 0.0F));
}

TEST(Stream, MovesWithItsQueue) {
  Stream first;
  const cudaStream_t queue = first.get();
  Stream second = std::move(first);
  EXPECT_EQ(second.get(), queue);
  second.synchronize();
}

}  // namespace
}  // namespace tutti::cuda
