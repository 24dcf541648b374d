// SPDX-License-Identifier: Apache-2.0
#include "host/engine/key_input.hpp"

#include <algorithm>

namespace tutti {

KeyInput::KeyInput(StepContext& context, const PlanEdge& edge, int channels, Frames piece_frames)
    : context_(context), edge_(&edge), mixed_(channels, piece_frames) {
  sums_.assign(static_cast<std::size_t>(channels),
               std::vector<double>(static_cast<std::size_t>(piece_frames)));
  const int from_channels = context.plan.nodes[edge.from].channels;
  delayed_ = Buffer(from_channels, piece_frames);
  if (edge.delay_frames > 0)
    delay_ = context.backend.make_alignment(edge.delay_frames, from_channels);
}

void KeyInput::gather(Frames first_frame, Frames offset, Frames count, int slot) {
  ConstBlockView in = context_.signals[edge_->from].view(slot);
  if (!in.data && (!delay_ || delay_->quiet())) {
    sounds_ = false;
    return;
  }
  if (in.data) in = in.slice(offset, count);
  if (delay_) {
    if (!in.data) {
      delayed_.clear();
      in = delayed_.view().slice(0, count);
    }
    const BlockView out = delayed_.view().slice(0, count);
    delay_->process(in, out);
    in = out;
  }
  std::vector<double*> sums;
  for (auto& sum : sums_) {
    std::fill(sum.begin(), sum.end(), 0.0);
    sums.push_back(sum.data());
  }
  add_with_gain(context_.backend, *edge_, in, first_frame, sums.data());
  for (std::size_t c = 0; c < sums_.size(); ++c)
    context_.backend.round_sum(sums_[c].data(), count, mixed_.channel(static_cast<int>(c)));
  sounds_ = true;
}

}  // namespace tutti
