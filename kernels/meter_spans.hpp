// SPDX-License-Identifier: Apache-2.0
// What the parts of a meter are given: whole spans of a stream, which lie on one grid however the
// stream is cut into blocks. So a figure that depends on the order of its sums does not depend on
// it.
#pragma once

#include "host/audio/units.hpp"

namespace tutti::cuda {

/// Frames of a span; spans begin at multiples of it.
inline constexpr Frames kMeterSpanFrames = 4096;

/// Spans [first_frame, first_frame + spans · kMeterSpanFrames) of a ring of planar channels, which
/// also remembers what the interpolator needs of the frames before them.
struct MeterSpans {
  const float* samples = nullptr;  ///< channel c, frame n: samples[c · (mask + 1) + (n & mask)]
  Frames mask = 0;
  int channels = 0;
  Frames first_frame = 0;
  int spans = 0;

  Frames frames() const { return spans * kMeterSpanFrames; }
};

}  // namespace tutti::cuda
