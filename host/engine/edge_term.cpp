// SPDX-License-Identifier: Apache-2.0
#include "host/engine/edge_term.hpp"

namespace tutti {

EdgeTerm::EdgeTerm(Backend& backend, const PlanEdge& edge, int channels, Frames tile_frames) {
  const EdgeGain& gain = edge.gain;
  for (int out = 0; out < gain.outputs; ++out)
    for (int in = 0; in < gain.inputs; ++in) {
      gains_.push_back(gain.is_static() ? gain.at(out, in, 0) : 0.0);
      if (gain.is_static()) continue;
      owned_.push_back(std::make_unique<EdgeCurve>(gain, out, in,
                                                   edge.delay_frames + edge.arrival_frames));
      curves_.push_back(owned_.back().get());
    }
  if (edge.delay_frames > 0) {
    delay_ = backend.make_alignment(edge.delay_frames, channels);
    delayed_ = backend.allocate(channels, tile_frames);
  }
}

SumTerm EdgeTerm::take(TileView in) {
  if (delay_) {
    if (!in.sounds() && delay_->quiet()) return {in, gains_, curves_};
    delay_->process(in, delayed_->view());
    in = delayed_->view();
  }
  return {in, gains_, curves_};
}

}  // namespace tutti
