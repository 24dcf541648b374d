// SPDX-License-Identifier: Apache-2.0
// Signals through the meters and limiters of a machine, cut into blocks of any length.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "host/audio/buffer.hpp"
#include "tests/support/backends.hpp"

namespace tutti::test {

inline std::unique_ptr<TileBuffer> put(Backend& backend, const Buffer& signal) {
  auto tile = backend.allocate(signal.channels(), std::max<Frames>(signal.frames(), 1));
  backend.fill(tile->view().slice(0, signal.frames()), [&](BlockView view) {
    for (int c = 0; c < view.channels; ++c)
      std::copy_n(signal.channel(c), view.frames, view.channel(c));
  });
  return tile;
}

/// Calls run(first, count) for pieces of `cuts` frames in turn; none: the blocks of the master.
template <class Run>
void in_blocks(Frames frames, const std::vector<Frames>& cuts, Run run) {
  std::size_t turn = 0;
  for (Frames first = 0; first < frames;) {
    const Frames cut = cuts.empty() ? 65536 : cuts[turn++ % cuts.size()];
    const Frames count = std::min(cut, frames - first);
    run(first, count);
    first += count;
  }
}

inline Measurement measure_on(Backend& backend, const Buffer& signal, double rate_hz,
                              const std::vector<double>& weights, MeterParts parts = {},
                              const std::vector<Frames>& cuts = {}) {
  const auto tile = put(backend, signal);
  const auto meter = backend.make_meter(rate_hz, weights, parts);
  in_blocks(signal.frames(), cuts,
            [&](Frames first, Frames count) { meter->process(tile->view().slice(first, count)); });
  return meter->finish();
}

struct Limited {
  Buffer signal;
  double max_reduction_db = 0;
};

/// As many frames as went in; what the limiter holds back at the end is left out, so the output
/// begins with its latency.
inline Limited limit_on(Backend& backend, const LimiterDesign& design, const Buffer& in,
                        const std::vector<Frames>& cuts = {}) {
  const auto tile = put(backend, in);
  const auto limiter = backend.make_limiter(design, in.channels());
  in_blocks(in.frames(), cuts, [&](Frames first, Frames count) {
    const TileView block = tile->view().slice(first, count);
    limiter->process(block, block);
  });
  Limited result{Buffer(in.channels(), in.frames()), limiter->max_reduction_db()};
  Buffer host;
  const ConstBlockView out = backend.fetch(tile->view().slice(0, in.frames()), host);
  for (int c = 0; c < in.channels(); ++c)
    std::copy_n(out.channel(c), in.frames(), result.signal.channel(c));
  return result;
}

/// The same, aligned: silence is fed in at the end for the latency.
inline Buffer limit_aligned_on(Backend& backend, const LimiterDesign& design, const Buffer& in) {
  Buffer longer(in.channels(), in.frames() + design.latency_frames);
  for (int c = 0; c < in.channels(); ++c)
    std::copy_n(in.channel(c), in.frames(), longer.channel(c));
  const Limited late = limit_on(backend, design, longer);
  Buffer out(in.channels(), in.frames());
  for (int c = 0; c < in.channels(); ++c)
    std::copy_n(late.signal.channel(c) + design.latency_frames, in.frames(), out.channel(c));
  return out;
}

inline std::span<const float> channel_of(const Buffer& signal, int c = 0) {
  return {signal.channel(c), static_cast<std::size_t>(signal.frames())};
}

}  // namespace tutti::test
