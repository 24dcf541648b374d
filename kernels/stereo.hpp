// SPDX-License-Identifier: Apache-2.0
// Mid and side on the device: gains that move, and a recursive filter on the side as a scan.
#pragma once

#include <cuda_runtime.h>

#include "host/dsp/biquad.hpp"
#include "host/dsp/stereo.hpp"
#include "host/dsp/stereo_glide.hpp"
#include "kernels/lane_unit.hpp"
#include "kernels/runtime/device_buffer.hpp"

namespace tutti::cuda {

/// Gains from frame `first` of a call on, to the next stretch.
struct GlideStretch {
  Frames first = 0;
  StereoRamp ramp;
};

/// The sections of a side signal, and what frames without input do to their states: s ← M·s, M row
/// by row.
struct SideFilter {
  static constexpr int kRun = 16;    ///< frames that a thread steps through
  static constexpr int kLevels = 6;  ///< runs of 1, 2, … 32 threads
  static constexpr int kSections = 2;
  static constexpr int kStates = 2 * kSections;

  BiquadDesign sections[kSections];
  double powers[kSections][kLevels][4];  ///< over kRun · 2^level frames
  double chunk[kStates * kStates];       ///< both sections, over kScanFrames
};

/// Of two sections.
SideFilter side_filter(const StereoDesign& design);

/// Frames [first, end) of a call to filter.
struct SideCall {
  Frames first = 0, end = 0;
  /// They begin inside a chunk, and then end with it or earlier; else they are cut into chunks from
  /// the first on.
  bool begun = false;
  DeviceSpan<const BiquadState> before;  ///< a state per section
  DeviceSpan<BiquadState> after;         ///< other memory
};

// Two channels in and out, of any number of frames; `in` may be `out`, without data it is silence.
// `stretches` begin with frame 0 and ascend.

/// l' = m + s, r' = m − s.
void glide_sides(cudaStream_t stream, ConstDeviceBlock in, DeviceBlock out,
                 DeviceSpan<const GlideStretch> stretches);

/// The same with the side through the filter. Chunks of kScanFrames side by side: each is run from
/// rest, the states at its start follow from those of the chunks before, then it is run from these.
void filter_sides(cudaStream_t stream, DeviceSpan<const SideFilter> filter, ConstDeviceBlock in,
                  DeviceBlock out, DeviceSpan<const GlideStretch> stretches, SideCall call);

}  // namespace tutti::cuda
