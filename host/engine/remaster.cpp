// SPDX-License-Identifier: Apache-2.0
#include "host/engine/remaster.hpp"

#include <memory>
#include <mutex>
#include <utility>

#include "host/engine/for_each_track.hpp"
#include "host/engine/remaster_track.hpp"

namespace tutti {

std::vector<RemasteredTrack> remaster(Backend& backend, const Session& chain,
                                      std::span<const RemasterInput> inputs,
                                      const RemasterOptions& given) {
  std::mutex mutex;  // tracks speak one at a time
  RemasterOptions options = given;
  if (given.warnings)
    options.warnings = [&](const Warning& warning) {
      const std::lock_guard lock(mutex);
      given.warnings(warning);
    };
  if (given.progress)
    options.progress = [&](Frames done, Frames total) {
      const std::lock_guard lock(mutex);
      given.progress(done, total);
    };
  std::vector<std::unique_ptr<RemasterTrack>> tracks(inputs.size());
  for_each_track(inputs.size(), [&](std::size_t t) {
    tracks[t] = std::make_unique<RemasterTrack>(backend, chain, inputs[t], options, inputs.size());
    tracks[t]->read();
  });
  std::vector<MasterTrack> ready;
  for (const auto& track : tracks) ready.push_back(track->to_master());
  if (options.after_reading) options.after_reading();
  std::vector<std::vector<RenderedOutput>> outputs = deliver_masters(ready, options.album);
  ready.clear();
  std::vector<RemasteredTrack> results;
  for (std::size_t t = 0; t < tracks.size(); ++t)
    results.push_back(tracks[t]->finish(std::move(outputs[t])));
  return results;
}

}  // namespace tutti
