// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/bound.hpp"

#include <algorithm>

namespace tutti::roofline {
namespace {

/// Every kind has units of its own: the slowest of them decides.
double operations_s(const Operations& operations, const Machine& machine) {
  return std::max({operations.floats / (machine.float_flops / 2),
                   operations.doubles / (machine.double_flops / 2),
                   operations.integers / machine.integer_ops});
}

void name_largest(Bound& bound) {
  bound.by = bound.device_s >= std::max(bound.upload_s, bound.download_s) ? "device"
             : bound.upload_s >= bound.download_s                         ? "upload"
                                                                          : "download";
}

}  // namespace

KernelBound bound_of(const KernelCost& cost, const Machine& machine) {
  KernelBound bound;
  bound.memory_s =
      static_cast<double>(cost.read_bytes + cost.written_bytes) / machine.memory_bytes_per_s;
  bound.operations_s = operations_s(cost.operations, machine);
  bound.few_blocks_s = operations_s(cost.longest_block, machine) * machine.multiprocessors;
  bound.serial_s = cost.serial_cycles / machine.clock_hz;
  bound.seconds =
      std::max({bound.memory_s, bound.operations_s, bound.few_blocks_s, bound.serial_s});
  bound.by = bound.seconds == bound.memory_s       ? "memory"
             : bound.seconds == bound.operations_s ? "operations"
             : bound.seconds == bound.few_blocks_s ? "few_blocks"
                                                   : "serial";
  return bound;
}

Bound bound_of(const Counts& counts, const Machine& machine) {
  Bound bound;
  for (const auto& [kernel, cost] : counts.kernels)
    bound.kernels_s += bound_of(cost, machine).seconds;
  bound.kernels_s += static_cast<double>(counts.cleared_bytes + 2 * counts.copied_bytes) /
                     machine.memory_bytes_per_s;
  bound.upload_s = static_cast<double>(counts.uploaded_bytes()) / machine.upload_bytes_per_s;
  bound.download_s = static_cast<double>(counts.fetched_bytes) / machine.download_bytes_per_s;
  bound.device_s =
      bound.kernels_s + static_cast<double>(counts.sent_bytes) / machine.upload_bytes_per_s;
  bound.seconds = std::max({bound.upload_s, bound.download_s, bound.device_s});
  name_largest(bound);
  return bound;
}

Bound& Bound::operator+=(const Bound& next) {
  upload_s += next.upload_s;
  download_s += next.download_s;
  kernels_s += next.kernels_s;
  device_s += next.device_s;
  seconds += next.seconds;
  name_largest(*this);
  return *this;
}

Bound Bound::times(int passes) const {
  Bound all = *this;
  all.upload_s *= passes;
  all.download_s *= passes;
  all.kernels_s *= passes;
  all.device_s *= passes;
  all.seconds *= passes;
  return all;
}

}  // namespace tutti::roofline
