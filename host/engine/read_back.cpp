// SPDX-License-Identifier: Apache-2.0
#include "host/engine/read_back.hpp"

#include <algorithm>
#include <vector>

#include "host/audio/channel_layout.hpp"
#include "host/audio/errors.hpp"
#include "host/io/decode.hpp"

namespace tutti {

Measurement measure_blocks(Backend& backend, double sample_rate_hz,
                           std::span<const double> loudness_weights, Frames frames,
                           const std::function<void(Frames first, BlockView)>& read) {
  const auto channels = static_cast<int>(loudness_weights.size());
  const auto meter = backend.make_meter(sample_rate_hz, loudness_weights, {});
  const Frames block_frames = std::clamp<Frames>(frames, 1, backend.block_frames());
  const auto block = backend.allocate(channels, block_frames);
  for (Frames first = 0; first < frames; first += block_frames) {
    const TileView tile = block->view().slice(0, std::min(block_frames, frames - first));
    backend.fill(tile, [&](BlockView view) { read(first, view); });
    meter->process(tile);
  }
  return meter->finish();
}

Measurement measure_file(const std::filesystem::path& path, Backend& backend,
                         const std::atomic<bool>* stop) {
  // The encoder has hashed its samples a moment ago: what is asked here is how they sound.
  const auto reader = open_audio(path, {}, {/*allow_non_finite=*/false, /*check_md5=*/false});
  const AudioInfo& info = reader->info();
  const std::vector<double> weights = loudness_weights_of(info.channels, info.wave_mask);
  return measure_blocks(backend, info.sample_rate_hz, weights, info.frames,
                        [&](Frames first, BlockView view) {
                          if (stop && stop->load()) throw Cancelled();
                          reader->read(first, view);
                        });
}

}  // namespace tutti
