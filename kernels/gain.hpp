// SPDX-License-Identifier: Apache-2.0
// Plain gains of the strips of a lane group.
#pragma once

#include <cuda_runtime.h>

#include "host/audio/units.hpp"
#include "kernels/runtime/device_span.hpp"

namespace tutti::cuda {

/// One strip's gain.
struct StripGain {
  float gain = 1;
  float mix = 1;      ///< of the insert: 0 leaves the signal as it is
  int segments = -1;  ///< where its GainSegments start, which take the place of `gain`; −1: none
};

/// A line over kControlFrames frames: the gain is `step` · (frames left) short of `target`.
struct GainSegment {
  float target = 1;
  float step = 0;
};

/// signal[l][n] *= mix·g[n] + (1 − mix), in place, strip = l / channels. A strip with segments has
/// one for every kControlFrames frames of the signal. In float, by the operations of the CPU.
void apply_gains(cudaStream_t stream, DeviceSpan<const StripGain> strips,
                 DeviceSpan<const GainSegment> segments, int channels, DeviceBlock signal);

}  // namespace tutti::cuda
