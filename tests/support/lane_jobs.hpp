// SPDX-License-Identifier: Apache-2.0
// A lane group through the backend interface, tile by tile.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "tests/support/backends.hpp"
#include "tests/support/lane_runner.hpp"

namespace tutti::test {

/// A sum that the lanes feed.
struct LaneSum {
  int channels = 0;
  std::vector<float> gains;              ///< [out · lanes + lane]
  std::vector<const GainCurve*> curves;  ///< the same order, or empty
};

/// What a group is to do: everything in frames of the timeline, from frame 0 on.
struct LaneJob {
  LaneProgram program;
  Samples inputs;  ///< [lane]; a strip that is zero over a whole tile is handed over as silence
  std::vector<LaneSum> sums;
  std::vector<LaneChange> changes;
};

struct LaneResult {
  Samples lanes;              ///< [lane]
  std::vector<Samples> sums;  ///< [sum][channel]
  std::vector<bool> sounded;  ///< [tile]
};

inline Samples cut(const Samples& samples, Frames first, Frames count) {
  Samples part;
  for (const auto& channel : samples)
    part.emplace_back(channel.begin() + first, channel.begin() + first + count);
  return part;
}

inline void append(Samples& to, const Samples& part) {
  to.resize(part.size());
  for (std::size_t c = 0; c < part.size(); ++c)
    to[c].insert(to[c].end(), part[c].begin(), part[c].end());
}

/// Results of tiles in which nothing sounds are zeros.
inline LaneResult run_job(Backend& backend, const LaneJob& job, Frames tile_frames) {
  const auto runner = backend.make_lanes(job.program, tile_frames);
  const int channels = job.program.channels;
  const auto total = static_cast<Frames>(job.inputs[0].size());
  LaneResult result;
  result.sums.resize(job.sums.size());
  for (Frames first = 0; first < total; first += tile_frames) {
    const Frames frames = std::min(tile_frames, total - first);
    std::vector<std::unique_ptr<TileBuffer>> owned;
    std::vector<LaneInput> inputs;
    std::vector<TileView> outputs;
    std::vector<LaneTarget> targets;
    for (int strip = 0; strip < job.program.strips; ++strip) {
      const auto lane = job.inputs.begin() + strip * channels;
      const Samples part = cut({lane, lane + channels}, first, frames);
      owned.push_back(put(backend, part));
      const bool silent = std::ranges::all_of(part, [](const auto& channel) {
        return std::ranges::all_of(channel, [](float x) { return x == 0; });
      });
      inputs.push_back({nullptr, silent ? TileView{} : owned.back()->view()});
      owned.push_back(put(backend, Samples(channels, std::vector<float>(frames, 9.0f))));
      outputs.push_back(owned.back()->view());
    }
    for (const LaneSum& sum : job.sums) {
      owned.push_back(put(backend, Samples(sum.channels, std::vector<float>(frames, 9.0f))));
      targets.push_back({owned.back()->view(), sum.gains, sum.curves});
    }
    std::vector<LaneChange> changes;
    for (const LaneChange& change : job.changes) {
      if (change.frame < first || change.frame >= first + frames) continue;
      changes.push_back(change);
      changes.back().frame -= first;
    }
    const bool sounds = runner->run({first, frames, inputs, {}, outputs, targets, changes});
    result.sounded.push_back(sounds);
    const auto taken = [&](TileView view) {
      return sounds ? take(backend, view) : Samples(view.channels, std::vector<float>(view.frames));
    };
    Samples lanes;
    for (const TileView& output : outputs)
      for (auto& channel : taken(output)) lanes.push_back(std::move(channel));
    append(result.lanes, lanes);
    for (std::size_t t = 0; t < targets.size(); ++t) append(result.sums[t], taken(targets[t].out));
  }
  return result;
}

inline LaneResult run_job(Machine machine, const LaneJob& job, Frames tile_frames) {
  const auto backend = open_machine(machine);
  return run_job(*backend, job, tile_frames);
}

}  // namespace tutti::test
