// SPDX-License-Identifier: Apache-2.0
// Where a limiter can act at all: a programme that passes the ceiling now and then needs it there only.
#pragma once

#include <vector>

#include "host/dsp/limiter.hpp"
#include "host/dsp/measurement.hpp"

namespace tutti {

/// Frames [begin, end).
struct FrameSpan {
  Frames begin = 0, end = 0;

  bool operator==(const FrameSpan&) const = default;
};

/// A limiter that starts in the middle of a signal is fed this many frames before, faded in: it knows
/// only silence from before its first frame, and a sudden start rings over the ceiling.
inline constexpr Frames kLimiterFadeFrames = 4096;

/// Peaks this far below the ceiling are taken as above it: room for the rounding of the gain and of
/// the interpolator, and for what the fade adds between samples.
inline constexpr double kNearCeiling = 1e-3;

/// In which the K-weighting filter forgets: its slowest poles lie at 38 Hz, and e^−60 remains.
inline constexpr double kWeightingMemoryS = 0.25;

/// The spans, in order and apart, outside of which the limiter gives the signal times `gain` as it is
/// and the K-weighted energies are those of `plain` times gain². `plain` is of the whole signal before
/// the gain, true peaks included. Ends lie on a grid of loudness bins whose frames are whole, or at
/// the end of the signal; the stretch from `span_lead` to the beginning of a span is outside of all.
std::vector<FrameSpan> limited_spans(const MeterReadings& plain, double gain,
                                     const LimiterDesign& limiter);

/// Where a meter has to start, on that grid, so that it has forgotten its start at the span.
Frames span_lead(const FrameSpan& span, double sample_rate_hz);

}  // namespace tutti
