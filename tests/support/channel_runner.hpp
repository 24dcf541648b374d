// SPDX-License-Identifier: Apache-2.0
// Signals through a processor of whole channels, cut into calls in many ways.
#pragma once

#include <algorithm>
#include <functional>
#include <random>
#include <utility>
#include <vector>

#include "tests/support/backends.hpp"

namespace tutti::test {

inline Samples noise(int channels, Frames frames, unsigned seed, float amplitude = 0.5f) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-amplitude, amplitude);
  Samples samples(static_cast<std::size_t>(channels),
                  std::vector<float>(static_cast<std::size_t>(frames)));
  for (auto& channel : samples)
    for (float& x : channel) x = uniform(random);
  return samples;
}

inline Samples silence(int channels, Frames frames) {
  return Samples(static_cast<std::size_t>(channels),
                 std::vector<float>(static_cast<std::size_t>(frames)));
}

/// How a stream is cut: calls of these lengths, again and again.
struct Cut {
  std::vector<Frames> calls;
  bool in_place = false;
};

/// Calls `process(first, in, out)` for the calls of a cut, one after the other, over all of `in`.
inline Samples in_calls(Backend& backend, const Samples& in, const Cut& cut,
                        const std::function<void(Frames, TileView, TileView)>& process) {
  const auto from = put(backend, in);
  const auto apart = backend.allocate(from->view().channels, from->view().frames);
  const TileView source = from->view(), target = cut.in_place ? source : apart->view();
  std::size_t call = 0;
  for (Frames first = 0; first < source.frames; ++call) {
    const Frames count = std::min(cut.calls[call % cut.calls.size()], source.frames - first);
    process(first, source.slice(first, count), target.slice(first, count));
    first += count;
  }
  return take(backend, target);
}

inline Samples through(Backend& backend, ChannelRunner& runner, const Samples& in, const Cut& cut) {
  return in_calls(backend, in, cut,
                  [&](Frames, TileView from, TileView to) { runner.process(from, to); });
}

}  // namespace tutti::test
