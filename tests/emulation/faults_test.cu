// SPDX-License-Identifier: Apache-2.0
// Faults that a test asks for: they come when they should, and leave a device that tells the truth.
#include <cufft.h>
#include <gtest/gtest.h>

#include "kernels/runtime/device_buffer.hpp"
#include "kernels/runtime/fft_plan.hpp"
#include "kernels/runtime/launch.hpp"
#include "kernels/runtime/stream.hpp"

namespace tutti::cuda {
namespace {

__global__ void fill(float* out) { out[threadIdx.x] = 1.0F; }

TEST(Faults, OneAllocationFailsAndLaterOnesSucceed) {
  const Stream stream;
  cudacpu::fail_allocation_after(1);
  const DeviceBuffer<float> first(stream, 8);
  EXPECT_THROW(DeviceBuffer<float>(stream, 8), DeviceMemoryError);
  const DeviceBuffer<float> third(stream, 8);
}

TEST(Faults, PinnedMemoryAndPlansCountAsAllocations) {
  cudacpu::fail_allocation_after(0);
  EXPECT_THROW(PinnedBuffer<float>(8), DeviceMemoryError);
  cudacpu::fail_allocation_after(0);
  EXPECT_THROW(FftPlan(dense_fft(FftKind::real_to_complex, 8, 1)), DeviceMemoryError);
}

TEST(Faults, ALostDeviceRefusesEverythingUntilItIsRevived) {
  {
    const Stream stream;
    const DeviceBuffer<float> buffer(stream, 32);
    cudacpu::fail_launch_after(1);
    launch(fill, 1, 32, 0, stream, buffer.data());
    stream.synchronize();
    launch(fill, 1, 32, 0, stream, buffer.data());  // as on a device, the launch is not refused
    EXPECT_THROW(stream.synchronize(), DeviceError);
    EXPECT_THROW(launch(fill, 1, 32, 0, stream, buffer.data()), DeviceError);
    EXPECT_THROW(DeviceBuffer<float>(stream, 8), DeviceError);
    EXPECT_THROW(Stream(), DeviceError);
  }  // destructors do not throw
  cudacpu::revive();
  const Stream stream;
  const DeviceBuffer<float> buffer(stream, 32);
  launch(fill, 1, 32, 0, stream, buffer.data());
  EXPECT_EQ(host_copy(stream, buffer.span()), std::vector<float>(32, 1.0F));
}

// Whoever waited for the other stream was told of the loss instead, and frees.
TEST(Faults, StreamsOfALostDeviceUseNothingAnyMore) {
  {
    const Stream stream, other;
    const DeviceBuffer<float> buffer(stream, 32);
    const Event made;
    made.record(stream);
    other.wait(made);
    cudacpu::fail_launch_after(1);
    launch(fill, 1, 32, 0, other, buffer.data());
    launch(fill, 1, 32, 0, other, buffer.data());
    EXPECT_THROW(other.synchronize(), DeviceError);
  }
  cudacpu::revive();
}

TEST(Faults, FreedMemoryCanBeHadAgain) {
  const Stream stream;
  cudacpu::set_memory_limit(4000);
  for (int i = 0; i < 10; ++i) const DeviceBuffer<float> buffer(stream, 900);
  std::size_t free_bytes = 0;
  std::size_t total_bytes = 0;
  check(cudaMemGetInfo(&free_bytes, &total_bytes), "cudaMemGetInfo");
  EXPECT_EQ(total_bytes, 4000U);
  stream.synchronize();
  cudacpu::set_memory_limit(std::size_t{8} << 30);
}

}  // namespace
}  // namespace tutti::cuda
