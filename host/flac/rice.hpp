// SPDX-License-Identifier: Apache-2.0
// How a residual is stored: Rice codes in partitions [RFC 9639, 9.2.7].
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace tutti::flac {

/// At most 2^6 partitions: of 4096 frames the shortest then have 64, whose parameter costs 0.1 bit
/// a frame; what finer ones could still gain is less.
inline constexpr int kMostPartitionOrder = 6;
inline constexpr int kMostPartitions = 1 << kMostPartitionOrder;

/// The parameter with which `count` numbers take the fewest bits. `sum`: of the numbers folded, 2x
/// where x >= 0 and -2x - 1 where not. A code is 1 + k bits and the folded number without its
/// lowest k bits, of which (2^k - 1) / 2 are lost on average.
int rice_parameter(std::uint64_t sum, std::uint64_t count);

/// The bits that `count` numbers with that parameter take on average; at most half a bit each more,
/// rounded up.
std::uint64_t rice_bits(std::uint64_t sum, std::uint64_t count, int parameter);
inline std::uint64_t rice_bits(std::uint64_t sum, std::uint64_t count) {
  return rice_bits(sum, count, rice_parameter(sum, count));
}

struct RicePlan {
  int partition_order = 0;
  int parameter_bits = 4;  ///< 5 where a parameter is above 14
  std::array<std::uint8_t, kMostPartitions> parameters{};
  /// Of the whole residual, on average; at most half a bit each more, rounded up in each partition:
  /// one bit each at the very most.
  std::uint64_t bits = 0;
};

/// The finest partitions that `frames` can have behind a predictor of that order.
int finest_partition_order(int frames, int predictor_order);

/// The best plan. `sums`: of the folded numbers in each of the finest partitions; they are used up.
RicePlan plan_rice(std::span<std::uint64_t> sums, int frames, int predictor_order);

}  // namespace tutti::flac
