// SPDX-License-Identifier: Apache-2.0
// Sample peak, sums, products and full-scale samples of a metered stream.
#pragma once

#include "host/dsp/measurement.hpp"
#include "kernels/meter_spans.hpp"
#include "kernels/runtime/device.hpp"

namespace tutti::cuda {

class StatisticsMeter {
 public:
  /// With a Queue held.
  StatisticsMeter(Device& device, int channels);

  /// With a Queue held.
  void add(const MeterSpans& spans);
  /// Without a Queue; waits. Fills in what it knows.
  void read(MeterReadings& readings) const;

 private:
  Device& device_;
  int channels_;
  int sums_;                            ///< Σx and Σx² of each channel, and of two the product
  DeviceBuffer<double> totals_;         ///< [sum]
  DeviceBuffer<unsigned> sample_peak_;  ///< bits of a float ≥ 0
  DeviceBuffer<unsigned long long> clipped_;
};

}  // namespace tutti::cuda
