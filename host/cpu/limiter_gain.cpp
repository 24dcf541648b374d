// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/limiter_gain.hpp"

#include <algorithm>
#include <cmath>

#include "host/cpu/meter_block.hpp"

namespace tutti {

LimiterGain::LimiterGain(const LimiterStageDesign& design)
    : design_(design),
      unit_(std::ldexp(1.0, -design.fraction_bits)),
      run_(design.window_frames + design.hold_frames),
      tail_(run_.size() + 1),
      held_(kMeterBlockFrames) {
  for (int b = 0; b < 3; ++b) {
    unit_ /= static_cast<double>(design.box_frames[b]);
    lines_[b].assign(design.box_frames[b] + kMeterBlockFrames, 0);
  }
}

bool LimiterGain::process(const std::int32_t* reductions, int frames, double* gains) {
  if (reductions == nullptr && at_rest()) return false;
  hold_maximum(reductions, frames);
  release(frames);
  average(frames, gains);
  return true;
}

// A reduction below one unit that only falls gives 0 for ever; with nothing in the window and
// nothing in the boxes there is nothing to advance.
bool LimiterGain::at_rest() const {
  if (released_ >= 1 || sums_[0] != 0 || sums_[1] != 0 || sums_[2] != 0) return false;
  return run_maximum_ == 0 && tail_[run_position_ + 1] == 0;
}

// The window ends at the current frame: the tail of the run before it, and this run so far.
void LimiterGain::hold_maximum(const std::int32_t* reductions, int frames) {
  const int window = static_cast<int>(run_.size());
  for (int at = 0; at < frames;) {
    const int count = std::min(frames - at, window - run_position_);
    std::int32_t* run = run_.data() + run_position_;
    if (reductions == nullptr) {
      std::fill_n(run, count, 0);
    } else {
      std::copy_n(reductions + at, count, run);
    }
    const std::int32_t* tail = tail_.data() + run_position_ + 1;
    std::int32_t highest = run_maximum_;
    for (int i = 0; i < count; ++i) {
      highest = std::max(highest, run[i]);
      held_[at + i] = std::max(highest, tail[i]);
    }
    run_maximum_ = highest;
    at += count;
    run_position_ += count;
    if (run_position_ < window) continue;
    tail_[window] = 0;
    for (int k = window - 1; k >= 0; --k) tail_[k] = std::max(tail_[k + 1], run_[k]);
    run_position_ = 0;
    run_maximum_ = 0;
  }
}

// Instant rise, exponential fall. What is left below one unit is 0.
void LimiterGain::release(int frames) {
  std::int64_t* out = lines_[0].data() + design_.box_frames[0];
  const std::int32_t* held = held_.data();
  const double pole = design_.release_pole;
  double released = released_;
  for (int i = 0; i < frames; ++i) {
    released = std::max(static_cast<double>(held[i]), released * pole);
    out[i] = static_cast<std::int64_t>(released);
  }
  released_ = released;
}

void LimiterGain::average(int frames, double* gains) {
  const double resolution = std::ldexp(1.0, -design_.fraction_bits);
  for (int b = 0; b < 3; ++b) {
    const Frames length = design_.box_frames[b];
    std::int64_t* line = lines_[b].data();
    std::int64_t sum = sums_[b];
    if (b < 2) {
      std::int64_t* out = lines_[b + 1].data() + design_.box_frames[b + 1];
      for (int i = 0; i < frames; ++i) out[i] = sum += line[i + length] - line[i];
    } else {
      for (int i = 0; i < frames; ++i) {
        sum += line[i + length] - line[i];
        gains[i] = reduced_gain(sum, unit_, resolution);
      }
    }
    sums_[b] = sum;
    std::copy(line + frames, line + frames + length, line);
  }
}

}  // namespace tutti
