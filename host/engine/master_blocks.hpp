// SPDX-License-Identifier: Apache-2.0
// A finished signal through the backend, block by block.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "host/backend/backend.hpp"
#include "host/engine/limited_spans.hpp"

namespace tutti {

/// `read` fills the frames from `first` on (zero behind the signal's end) in host memory; they are
/// limited, if there is a design, and handed to `take` without the limiter's lag: `frames` in all,
/// in the memory of the backend. Returns the limiter's largest reduction.
std::optional<double> run_master_blocks(Backend& backend, int channels, Frames frames,
                                        const std::optional<LimiterDesign>& limiter,
                                        const std::function<void(Frames first, BlockView)>& read,
                                        const std::function<void(TileView)>& take);

/// The same where the limiter can act in `spans` (limited_spans) only: outside of them the frames are
/// taken as they are read. The same bits for less work. Returns the limiter's largest reduction.
double run_master_spans(Backend& backend, int channels, Frames frames, const LimiterDesign& limiter,
                        std::span<const FrameSpan> spans,
                        const std::function<void(Frames first, BlockView)>& read,
                        const std::function<void(TileView)>& take);

/// Feeds the limiter from `start` on, which is faded in unless it is the beginning of the signal, and
/// takes what comes out of it from `span.begin` to `span.end`. Returns its largest reduction.
double run_master_span(Backend& backend, int channels, const LimiterDesign& limiter, Frames start,
                       FrameSpan span,
                       const std::function<void(Frames first, BlockView)>& read,
                       const std::function<void(TileView)>& take);

}  // namespace tutti
