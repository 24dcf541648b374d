// SPDX-License-Identifier: Apache-2.0
// The least time that a machine can take for what it is given: a lower bound, never a measurement.
#pragma once

#include "host/roofline/ledger.hpp"
#include "host/roofline/machine.hpp"

namespace tutti::roofline {

/// Of all launches of one kernel, in seconds.
struct KernelBound {
  double memory_s = 0;        ///< every byte once at full bandwidth
  double operations_s = 0;    ///< the slowest kind of instruction, all multiprocessors at it
  double few_blocks_s = 0;    ///< the same where launches have fewer blocks than there are
                              ///< multiprocessors: a block runs on one
  double serial_s = 0;        ///< one thread that walks
  double seconds = 0;         ///< the largest of these
  const char* by = "memory";  ///< memory, operations, few_blocks or serial
};
KernelBound bound_of(const KernelCost& cost, const Machine& machine);

/// Of everything that was queued. Kernels, clearing, copying and what is sent follow each other on
/// one stream; stems come up and results go down beside them.
struct Bound {
  double upload_s = 0;  ///< stems and what is sent, at the rate of the bus
  double download_s = 0;
  double kernels_s = 0;       ///< Σ of the kernels' bounds, clearing and copying
  double device_s = 0;        ///< kernels_s, and what is sent between them
  double seconds = 0;         ///< the largest of upload_s, download_s, device_s
  const char* by = "upload";  ///< upload, download or device

  Bound& operator+=(const Bound& next);  ///< one after the other
  Bound times(int passes) const;
};
Bound bound_of(const Counts& counts, const Machine& machine);

}  // namespace tutti::roofline
