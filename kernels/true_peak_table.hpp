// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/dsp/true_peak.hpp"
#include "kernels/runtime/device_buffer.hpp"

namespace tutti::cuda {

/// TruePeakDesign as kernels read it.
struct TruePeakTable {
  float taps[kTruePeakTaps * kTruePeakPhases];  ///< [tap · phases + phase]
  float pair[kTruePeakNearPairs];
  float bend, tilt, overlap, far, sum;
};

DeviceBuffer<TruePeakTable> send_true_peak_table(cudaStream_t stream);

}  // namespace tutti::cuda
