// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/lane_gain.hpp"

#include <algorithm>

#include "host/cpu/lane_kernels.hpp"
#include "host/dsp/glide.hpp"

namespace tutti {

void LaneGlide::set(int lane, double linear) {
  const float target = static_cast<float>(linear);
  if (!running_) {
    target_[lane] = target;
    return;
  }
  const float now = glide_gain(target_[lane], step_[lane], left_[lane]);
  target_[lane] = target;
  step_[lane] = (target - now) / static_cast<float>(kControlFrames);
  left_[lane] = static_cast<float>(kControlFrames);
  gliding_ = true;
}

RowGains LaneGlide::advance(int frames, LaneRows& scratch) {
  running_ = true;
  if (!gliding_) return {target_.data(), 0};
  for (int n = 0; n < frames; ++n) {
    float* row = scratch.row(n);
    for (int lane = 0; lane < kLanes; ++lane) {
      left_[lane] = std::max(left_[lane] - 1.0f, 0.0f);
      row[lane] = glide_gain(target_[lane], step_[lane], left_[lane]);
    }
  }
  gliding_ =
      std::any_of(left_.values.begin(), left_.values.end(), [](float left) { return left > 0.0f; });
  return {scratch.values, kLanes};
}

void LaneGlide::finish() {
  left_ = {};
  gliding_ = false;
  running_ = false;
}

LaneGain::LaneGain(const LaneShape& shape, const LaneOp& op)
    : shape_(shape), mixes_(fill_mix(shape, op, mix_)) {
  for (int strip = 0; strip < shape.strips; ++strip) set(strip, op.gain[strip]);
}

void LaneGain::set(int strip, double linear) {
  for (int c = 0; c < shape_.channels; ++c) glide_.set(strip * shape_.channels + c, linear);
}

void LaneGain::run(LaneWork& work, int frames) {
  GainTable table;
  table.gains = glide_.advance(frames, work.glide);
  table.mix = mixes_ ? mix_.data() : nullptr;
  apply_rows(table, shape_.lanes(), frames, work.signal);
}

bool fill_mix(const LaneShape& shape, const LaneOp& op, LaneColumn<float>& mix) {
  mix.values.fill(1.0f);
  for (int lane = 0; lane < shape.lanes() && !op.mix.empty(); ++lane) {
    mix[lane] = static_cast<float>(op.mix[lane / shape.channels]);
  }
  return std::any_of(mix.values.begin(), mix.values.end(), [](float m) { return m != 1.0f; });
}

}  // namespace tutti
