// SPDX-License-Identifier: Apache-2.0
#include "host/engine/master_blocks.hpp"

#include <algorithm>

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

}  // namespace tutti
