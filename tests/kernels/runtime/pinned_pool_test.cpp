// SPDX-License-Identifier: Apache-2.0
// Pinned memory on loan: used again, but never under a copy.
#include "kernels/runtime/pinned_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "kernels/runtime/device_buffer.hpp"
#include "tests/kernels/support/schedules.hpp"

namespace tutti::cuda {
namespace {

constexpr std::size_t kBytes = 100000;

TEST(PinnedPool, LendsTheSameMemoryAgain) {
  PinnedPool pool;
  const std::byte* first = nullptr;
  {
    const PinnedPool::Loan loan = pool.take(kBytes);
    EXPECT_GE(loan.size(), kBytes);
    first = loan.data();
    EXPECT_NE(pool.take(kBytes).data(), first) << "two at a time";
  }
  const PinnedPool::Loan one = pool.take(kBytes), other = pool.take(kBytes);
  EXPECT_TRUE(one.data() == first || other.data() == first);
  EXPECT_EQ(PinnedPool::Loan().size(), 0u);
}

TEST(PinnedPool, WhatIsGivenBackUnderACopyIsLentWhenThatIsDone) {
  constexpr std::size_t kFloats = kBytes / sizeof(float);
  const auto fill = [](const PinnedPool::Loan& loan, float value) {
    std::fill_n(reinterpret_cast<float*>(loan.data()), kFloats, value);
  };
  const auto back = under_every_schedule([&] {
    const Stream stream;
    PinnedPool pool;
    const DeviceBuffer<float> device(stream, kFloats);
    {
      const PinnedPool::Loan loan = pool.take(kBytes);
      fill(loan, 1);
      check(cudaMemcpyAsync(device.data(), loan.data(), kBytes, cudaMemcpyHostToDevice, stream), "copy");
      loan.used_by(stream);
    }
    fill(pool.take(kBytes), 2);
    return host_copy(stream, device.span());
  });
  EXPECT_EQ(back, std::vector<float>(kFloats, 1));
}

}  // namespace
}  // namespace tutti::cuda
