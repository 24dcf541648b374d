// SPDX-License-Identifier: Apache-2.0
// True peaks of a metered stream.
#pragma once

#include <vector>

#include "kernels/meter_spans.hpp"
#include "kernels/ring.hpp"
#include "kernels/runtime/device.hpp"
#include "kernels/true_peak_table.hpp"

namespace tutti::cuda {

/// The highest true peak of all channels per 100 ms. Exact: skipping by bounds changes no bit.
class TruePeakMeter {
 public:
  /// With a Queue held.
  TruePeakMeter(Device& device, double sample_rate_hz);

  /// The positions that the frames of these spans complete. With a Queue held.
  void add(const MeterSpans& spans);
  /// Without a Queue; waits.
  std::vector<float> read() const;

 private:
  Device& device_;
  double sample_rate_hz_;
  DeviceBuffer<TruePeakTable> table_;
  GrowingBuffer<unsigned> peaks_;  ///< bits of floats ≥ 0, whose order is that of the floats
};

}  // namespace tutti::cuda
