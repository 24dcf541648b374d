// SPDX-License-Identifier: Apache-2.0
#include "host/flac/rice.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <vector>

#include "host/flac/flac_kernels.hpp"

namespace tutti::test {
namespace {

using namespace flac;

std::uint64_t folded(std::int64_t number) {
  return static_cast<std::uint64_t>(number >= 0 ? 2 * number : -2 * number - 1);
}

TEST(FlacRice, NoOtherParameterTakesFewerBits) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 2000; ++round) {
    const std::uint64_t count = 1 + random() % 4096;
    const std::uint64_t sum = random() >> (20 + random() % 44);
    const int chosen = rice_parameter(sum, count);
    for (int k = 0; k <= 30; ++k)
      EXPECT_LE(rice_bits(sum, count, chosen), rice_bits(sum, count, k) + 2) << sum << " " << count;
  }
}

// Where the levels change in the middle, two halves take fewer bits than one whole.
TEST(FlacRice, PartitionsFollowTheLevel) {
  std::vector<std::uint64_t> sums(64);
  for (std::size_t i = 0; i < 64; ++i) sums[i] = i < 32 ? 64 * 2 : 64 * 5000;
  auto used = sums;
  EXPECT_EQ(plan_rice(used, 4096, 4).partition_order, 1);
  for (auto& sum : sums) sum = 64 * 100;
  used = sums;
  EXPECT_EQ(plan_rice(used, 4096, 0).partition_order, 0);
}

TEST(FlacRice, PartitionsAreLongerThanThePredictor) {
  EXPECT_EQ(finest_partition_order(4096, 8), 6);
  EXPECT_EQ(finest_partition_order(512, 8), 5);  // of 64 each 8, 32 each 16
  EXPECT_EQ(finest_partition_order(8, 4), 0);
  EXPECT_EQ(finest_partition_order(1000, 4), 3);  // 1000 = 8 * 125
  EXPECT_EQ(finest_partition_order(1, 0), 0);
}

// The plan's bits are what a frame has room for.
TEST(FlacRice, AResidualTakesAtMostHalfABitANumberMoreThanPlannedRoundedUp) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 400; ++round) {
    // Any length; and those that are cut into partitions of a few numbers.
    const int frames = round % 2 == 0 ? 1 + static_cast<int>(random() % 4096)
                                      : 64 * (1 + static_cast<int>(random() % 9));
    const int order = std::min(frames - 1, static_cast<int>(random() % 9));
    std::vector<std::int32_t> residual(static_cast<std::size_t>(frames) + 16);
    const auto width = static_cast<int>(random() % 31);
    for (auto& number : residual) {
      const int shift = random() % 50 == 0 ? 1 : 32 - width;  // now and then far out
      number = shift == 32 ? 0 : static_cast<std::int32_t>(random() >> 32) >> shift;
    }
    if (round % 4 == 3)  // nothing is lost of multiples: the most beyond the average
      for (auto& number : residual) number &= ~0xff;
    std::fill_n(residual.begin(), order, 0);
    std::vector<std::uint64_t> sums(std::size_t{1} << finest_partition_order(frames, order));
    sum_partitions(residual.data(), frames, sums);
    std::uint64_t expected = 0;
    for (int n = 0; n < frames; ++n) expected += folded(residual[static_cast<std::size_t>(n)]);
    EXPECT_EQ(std::accumulate(sums.begin(), sums.end(), std::uint64_t{0}), expected);
    const RicePlan plan = plan_rice(sums, frames, order);
    BitWriter out;
    out.reserve_bits(plan.bits + static_cast<std::uint64_t>(frames));
    out.put(plan.parameter_bits == 4 ? 0 : 1, 2);
    out.put(static_cast<std::uint64_t>(plan.partition_order), 4);
    write_residual(residual.data(), frames, order, plan, out);
    const int length = frames >> plan.partition_order;
    const int more =
        (length - order + 1) / 2 + ((1 << plan.partition_order) - 1) * ((length + 1) / 2);
    EXPECT_LE(out.bits(), plan.bits + static_cast<std::uint64_t>(more)) << frames;
  }
}

}  // namespace
}  // namespace tutti::test
