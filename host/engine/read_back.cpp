// SPDX-License-Identifier: Apache-2.0
#include "host/engine/read_back.hpp"

#include <algorithm>
#include <vector>

#include "host/audio/channel_layout.hpp"
#include "host/audio/errors.hpp"
#include "host/io/decode.hpp"

namespace tutti {

Measurement measure_file(const std::filesystem::path& path, Backend& backend,
                         const std::atomic<bool>* stop) {
  // The encoder has hashed its samples a moment ago: what is asked here is how they sound.
  const auto reader = open_audio(path, {}, {/*allow_non_finite=*/false, /*check_md5=*/false});
  const AudioInfo& info = reader->info();
  const std::vector<double> weights = loudness_weights_of(info.channels, info.wave_mask);
  const auto meter = backend.make_meter(info.sample_rate_hz, weights, {});
  // Long enough to amortise the calls, short enough to stay in the second-level cache.
  constexpr Frames kBlockFrames = 32768;
  const auto block = backend.allocate(info.channels, kBlockFrames);
  for (Frames first = 0; first < info.frames; first += kBlockFrames) {
    if (stop && stop->load()) throw Cancelled();
    const TileView tile = block->view().slice(0, std::min(kBlockFrames, info.frames - first));
    backend.fill(tile, [&](BlockView view) { reader->read(first, view); });
    meter->process(tile);
  }
  return meter->finish();
}

}  // namespace tutti
