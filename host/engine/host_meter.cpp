// SPDX-License-Identifier: Apache-2.0
#include "host/engine/host_meter.hpp"

#include <algorithm>

namespace tutti {

HostMeter::HostMeter(Backend& backend, double sample_rate_hz,
                     std::span<const double> loudness_weights)
    : backend_(backend), meter_(backend.make_meter(sample_rate_hz, loudness_weights, {})) {}

void HostMeter::take(ConstBlockView block) {
  if (block.frames == 0) return;
  if (!backend_.has_own_memory())  // then a tile is host memory; a meter only reads it
    return meter_->process(
        {const_cast<float*>(block.data), block.channels, block.frames, block.stride});
  if (!tile_ || tile_->view().frames < block.frames)
    tile_ = backend_.allocate(block.channels, block.frames);
  const TileView tile = tile_->view().slice(0, block.frames);
  backend_.fill(tile, [&](BlockView view) {
    for (int c = 0; c < view.channels; ++c)
      std::copy_n(block.channel(c), view.frames, view.channel(c));
  });
  meter_->process(tile);
}

}  // namespace tutti
