// SPDX-License-Identifier: Apache-2.0
#include "host/flac/rice.hpp"

#include <algorithm>
#include <bit>

namespace tutti::flac {
namespace {

/// One parameter for each of `sums`; their bits, and those that say the parameters.
RicePlan plan_partitions(std::span<const std::uint64_t> sums, int frames, int predictor_order) {
  RicePlan plan;
  plan.partition_order = std::countr_zero(sums.size());
  const auto length = static_cast<std::uint64_t>(frames) >> plan.partition_order;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::uint64_t count =
        i == 0 ? length - static_cast<std::uint64_t>(predictor_order) : length;
    const int parameter = rice_parameter(sums[i], count);
    if (parameter > 14) plan.parameter_bits = 5;
    plan.parameters[i] = static_cast<std::uint8_t>(parameter);
    plan.bits += rice_bits(sums[i], count, parameter);
  }
  plan.bits += 2 + 4 + sums.size() * static_cast<std::uint64_t>(plan.parameter_bits);
  return plan;
}

}  // namespace

// With k + 1 in place of k each number takes a bit more, all together sum / 2^(k + 1) less; and
// they lose count / 2^(k + 2) bits more. So the least k with sum <= count * (2^(k + 1) - 1/2).
int rice_parameter(std::uint64_t sum, std::uint64_t count) {
  constexpr int kLargest = 30;  // 31 is the escape of five bits
  const std::uint64_t wanted = sum + count / 2;
  if (wanted <= 2 * count) return 0;
  return std::min(static_cast<int>(std::bit_width((wanted - 1) / count)) - 1, kLargest);
}

std::uint64_t rice_bits(std::uint64_t sum, std::uint64_t count, int parameter) {
  const std::uint64_t lost = count * ((std::uint64_t{1} << parameter) - 1) / 2;
  return count * static_cast<std::uint64_t>(parameter + 1) +
         ((sum - std::min(sum, lost)) >> parameter);
}

int finest_partition_order(int frames, int predictor_order) {
  int order = std::min(kMostPartitionOrder, std::countr_zero(static_cast<unsigned>(frames)));
  while (order > 0 && (frames >> order) <= predictor_order) --order;
  return order;
}

RicePlan plan_rice(std::span<std::uint64_t> sums, int frames, int predictor_order) {
  RicePlan best = plan_partitions(sums, frames, predictor_order);
  while (sums.size() > 1) {
    sums = sums.first(sums.size() / 2);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = sums[2 * i] + sums[2 * i + 1];
    const RicePlan plan = plan_partitions(sums, frames, predictor_order);
    if (plan.bits <= best.bits) best = plan;
  }
  return best;
}

}  // namespace tutti::flac
