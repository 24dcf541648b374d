// SPDX-License-Identifier: Apache-2.0
#include "host/engine/limited_spans.hpp"

#include <algorithm>
#include <cmath>

#include "host/dsp/loudness.hpp"

namespace tutti {
namespace {

/// Frames from which the 10 ms bins repeat: 0 where no whole number of them takes a second.
Frames grid_frames(double sample_rate_hz) {
  for (const double cell : {sample_rate_hz * kMeterPeakBins / kBinsPerSecond, sample_rate_hz})
    if (cell >= 1 && cell == std::floor(cell)) return static_cast<Frames>(cell);
  return 0;
}

Frames down_to(Frames grid, Frames frame) { return std::max<Frames>(frame, 0) / grid * grid; }

Frames up_to(Frames grid, Frames frame) { return (frame + grid - 1) / grid * grid; }

}  // namespace

Frames span_lead(const FrameSpan& span, double sample_rate_hz) {
  const Frames grid = grid_frames(sample_rate_hz);
  if (grid == 0) return 0;
  return down_to(grid, span.begin - static_cast<Frames>(kWeightingMemoryS * sample_rate_hz));
}

std::vector<FrameSpan> limited_spans(const MeterReadings& plain, double gain,
                                     const LimiterDesign& limiter) {
  const double rate_hz = plain.sample_rate_hz;
  const Frames grid = grid_frames(rate_hz);
  if (grid == 0 || !plain.parts.true_peak) return {{0, plain.frames}};
  const Frames before = limiter.latency_frames + kTruePeakTaps;
  const Frames after = limiter_rest_frames(limiter) + kTruePeakTaps +
                       static_cast<Frames>(kWeightingMemoryS * rate_hz) + 1;
  std::vector<FrameSpan> spans;
  for (std::size_t i = 0; i < plain.true_peaks.size(); ++i) {
    if (plain.true_peaks[i] * gain <= limiter.ceiling * (1 - kNearCeiling)) continue;
    const auto bin = static_cast<std::int64_t>(i) * kMeterPeakBins;
    FrameSpan span;
    span.begin = std::min(down_to(grid, bin_start(bin, rate_hz) - before), plain.frames);
    span.end = std::min(up_to(grid, bin_start(bin + kMeterPeakBins, rate_hz) + after), plain.frames);
    if (!spans.empty() && span_lead(span, rate_hz) - kLimiterFadeFrames <= spans.back().end) {
      spans.back().end = span.end;
    } else {
      if (span_lead(span, rate_hz) <= kLimiterFadeFrames) span.begin = 0;
      spans.push_back(span);
    }
  }
  return spans;
}

}  // namespace tutti
