// SPDX-License-Identifier: Apache-2.0
// Whole streams through a program of lanes, on any machine, in tiles of any length.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "tests/support/backends.hpp"

namespace tutti::test {

struct LaneStream {
  LaneProgram program;
  Samples inputs;                        ///< [lane][frame], of equal length
  Samples keys = {};                     ///< the same shape, for the program's only op with a key
  std::vector<LaneChange> changes = {};  ///< frames counted from the start of the stream
};

/// What leaves the lanes of a runner, in tiles of `tile_frames`; the last may be shorter.
inline Samples run_stream(Backend& backend, LaneRunner& lanes, const LaneStream& stream,
                          Frames tile_frames) {
  const auto frames = static_cast<Frames>(stream.inputs[0].size());
  const int channels = stream.program.channels, strips = stream.program.strips;
  Samples outputs(stream.inputs.size());
  const auto in = put(backend, stream.inputs);
  const auto key = put(backend, stream.keys.empty() ? Samples{{0.0f}} : stream.keys);
  const auto out = backend.allocate(static_cast<int>(stream.inputs.size()), frames);
  for (Frames first = 0; first < frames; first += tile_frames) {
    const Frames count = std::min(tile_frames, frames - first);
    std::vector<LaneInput> inputs;
    std::vector<TileView> keys, outs;
    for (int strip = 0; strip < strips; ++strip) {
      const auto part = [&](const TileBuffer& tile) {
        return tile.view().channel_range(strip * channels, channels).slice(first, count);
      };
      inputs.push_back({nullptr, part(*in)});
      if (!stream.keys.empty()) keys.push_back(part(*key));
      outs.push_back(part(*out));
    }
    std::vector<LaneChange> changes;
    for (LaneChange change : stream.changes) {
      if (change.frame < first || change.frame >= first + count) continue;
      change.frame -= first;
      changes.push_back(change);
    }
    EXPECT_TRUE(lanes.run({first, count, inputs, keys, outs, {}, changes}));
  }
  return take(backend, out->view());
}

inline Samples render_lanes(Machine machine, const LaneStream& stream, Frames tile_frames = 16384) {
  const std::unique_ptr<Backend> backend = open_machine(machine);
  const auto lanes = backend->make_lanes(stream.program, tile_frames);
  return run_stream(*backend, *lanes, stream, tile_frames);
}

}  // namespace tutti::test
