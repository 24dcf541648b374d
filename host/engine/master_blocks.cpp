// SPDX-License-Identifier: Apache-2.0
#include "host/engine/master_blocks.hpp"

#include <algorithm>

#include "host/dsp/fade.hpp"

namespace tutti {

std::optional<double> run_master_blocks(Backend& backend, int channels, Frames frames,
                                        const std::optional<LimiterDesign>& design,
                                        const std::function<void(Frames first, BlockView)>& read,
                                        const std::function<void(TileView)>& take) {
  std::unique_ptr<LimiterRunner> limiter;
  if (design) limiter = backend.make_limiter(*design, channels);
  const Frames lag = design ? design->latency_frames : 0;
  const Frames block_frames = std::clamp<Frames>(frames + lag, 1, backend.block_frames());
  const auto block = backend.allocate(channels, block_frames);
  for (Frames first = 0; first < frames + lag; first += block_frames) {
    const Frames count = std::min(block_frames, frames + lag - first);
    const TileView tile = block->view().slice(0, count);
    backend.fill(tile, [&](BlockView view) { read(first, view); });
    if (limiter) limiter->process(tile, tile);
    const Frames skip = std::clamp<Frames>(lag - first, 0, count);
    if (skip < count) take(tile.slice(skip, count - skip));
  }
  if (!limiter) return std::nullopt;
  return limiter->max_reduction_db();
}

double run_master_span(Backend& backend, int channels, const LimiterDesign& limiter, Frames start,
                       FrameSpan span,
                       const std::function<void(Frames first, BlockView)>& read,
                       const std::function<void(TileView)>& take) {
  const auto read_faded = [&](Frames first, BlockView view) {
    read(start + first, view);
    for (Frames n = first; start > 0 && n < std::min(first + view.frames, kLimiterFadeFrames); ++n) {
      const auto gain = static_cast<float>(
          fade_gain(FadeShape::s_curve, static_cast<double>(n) / kLimiterFadeFrames));
      for (int c = 0; c < view.channels; ++c) view.channel(c)[n - first] *= gain;
    }
  };
  Frames skip = span.begin - start;
  const auto take_span = [&](TileView tile) {
    const Frames skipped = std::min(skip, tile.frames);
    skip -= skipped;
    if (skipped < tile.frames) take(tile.slice(skipped, tile.frames - skipped));
  };
  return *run_master_blocks(backend, channels, span.end - start, limiter, read_faded, take_span);
}

double run_master_spans(Backend& backend, int channels, Frames frames, const LimiterDesign& limiter,
                        std::span<const FrameSpan> spans,
                        const std::function<void(Frames first, BlockView)>& read,
                        const std::function<void(TileView)>& take) {
  double reduction_db = 0;
  Frames done = 0;
  const auto take_plain = [&](Frames end) {
    const Frames start = done;
    run_master_blocks(
        backend, channels, end - start, {},
        [&](Frames first, BlockView view) { read(start + first, view); }, take);
    done = end;
  };
  for (const FrameSpan& span : spans) {
    take_plain(span.begin);
    const Frames start = std::max<Frames>(0, span.begin - kLimiterFadeFrames);
    reduction_db = std::max(reduction_db, run_master_span(backend, channels, limiter, start, span,
                                                          read, take));
    done = span.end;
  }
  take_plain(frames);
  return reduction_db;
}

}  // namespace tutti
