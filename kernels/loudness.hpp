// SPDX-License-Identifier: Apache-2.0
// K-weighted energies of a metered stream.
#pragma once

#include <span>
#include <vector>

#include "kernels/meter_spans.hpp"
#include "kernels/ring.hpp"
#include "kernels/runtime/device.hpp"

namespace tutti::cuda {

/// Σ over the channels of G·y² per 10 ms bin, y the K-weighted signal.
class LoudnessMeter {
 public:
  /// `weights`: G of each channel; those of 0 are not heard. Rates from 8 kHz. With a Queue held.
  LoudnessMeter(Device& device, double sample_rate_hz, std::span<const double> weights);

  /// With a Queue held.
  void add(const MeterSpans& spans);
  /// Without a Queue; waits.
  std::vector<double> read() const;

 private:
  Device& device_;
  double sample_rate_hz_;
  int heard_ = 0;                     ///< channels of a weight
  DeviceBuffer<int> heard_channels_;  ///< [heard]
  DeviceBuffer<double> weights_;      ///< [heard]
  DeviceBuffer<double> powers_;       ///< of the filter's matrix, see loudness.cu
  DeviceBuffer<double> states_[2];    ///< [heard][4]: before the next span, and after it
  GrowingBuffer<double> bins_;
};

}  // namespace tutti::cuda
