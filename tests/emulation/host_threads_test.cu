// SPDX-License-Identifier: Apache-2.0
// The engine enqueues from a pool of threads: calls from many at once give what one would get.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "kernels/runtime/device_buffer.hpp"
#include "kernels/runtime/fft_plan.hpp"
#include "kernels/runtime/launch.hpp"
#include "kernels/runtime/stream.hpp"
#include "tests/kernels/support/schedules.hpp"

namespace tutti::cuda {
namespace {

constexpr unsigned kBlock = 64;

// Rotates the block's values by one, so that threads wait for each other.
__global__ void rotate(float* values, int rounds) {
  __shared__ float row[kBlock];
  for (int i = 0; i < rounds; ++i) {
    row[threadIdx.x] = values[threadIdx.x];
    __syncthreads();
    values[threadIdx.x] = row[(threadIdx.x + 1) % kBlock];
    __syncthreads();
  }
}

std::vector<float> work(float offset, int rounds) {
  const Stream stream;
  std::vector<float> values(kBlock);
  for (unsigned i = 0; i < kBlock; ++i) values[i] = offset + static_cast<float>(i);
  const DeviceBuffer<float> buffer = device_copy(stream, values);
  const DeviceBuffer<float2> bins(stream, kBlock / 2 + 1);
  FftPlan plan(dense_fft(FftKind::real_to_complex, kBlock, 1));
  for (int i = 0; i < rounds; ++i) {
    launch(rotate, 1, kBlock, 0, stream, buffer.data(), 1);
    plan.execute(stream, buffer.span(), bins.span());
  }
  return host_copy(stream, buffer.span());
}

TEST(HostThreads, DoNotDisturbEachOther) {
  const int rounds = static_cast<int>(reduced(40, 5));
  for (const auto streams :
       {cudacpu::Streams::eager, cudacpu::Streams::late, cudacpu::Streams::random}) {
    cudacpu::set_streams(streams);
    std::vector<std::vector<float>> results(4);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < results.size(); ++t) {
      threads.emplace_back(
          [&results, t, rounds] { results[t] = work(1000.0F * static_cast<float>(t), rounds); });
    }
    for (std::thread& thread : threads) thread.join();
    for (std::size_t t = 0; t < results.size(); ++t) {
      EXPECT_EQ(results[t], work(1000.0F * static_cast<float>(t), rounds));
    }
  }
  cudacpu::set_streams(cudacpu::Streams::eager);
}

}  // namespace
}  // namespace tutti::cuda
