// SPDX-License-Identifier: Apache-2.0
#include "cli/k_system.hpp"

#include <algorithm>

namespace tutti::cli {

KSystemMeter::KSystemMeter(double sample_rate_hz, int channels)
    : step_frames_(std::max<Frames>(1, ms_to_frames(100, sample_rate_hz))),
      sums_(static_cast<std::size_t>(channels) * kStepsPerWindow),
      channels_(channels) {}

void KSystemMeter::process(ConstBlockView block) {
  for (Frames first = 0; first < block.frames;) {
    const Frames count = std::min(block.frames - first, step_frames_ - filled_frames_);
    for (int c = 0; c < channels_; ++c) {
      double sum = sums_[c * kStepsPerWindow + steps_ % kStepsPerWindow];
      const float* const samples = block.channel(c) + first;
      for (Frames n = 0; n < count; ++n) sum += static_cast<double>(samples[n]) * samples[n];
      sums_[c * kStepsPerWindow + steps_ % kStepsPerWindow] = sum;
    }
    first += count;
    filled_frames_ += count;
    if (filled_frames_ == step_frames_) end_step();
  }
}

void KSystemMeter::end_step() {
  filled_frames_ = 0;
  ++steps_;
  const auto window_frames = static_cast<double>(step_frames_ * kStepsPerWindow);
  for (int c = 0; c < channels_; ++c) {
    double* const steps = &sums_[c * kStepsPerWindow];
    double sum = 0;
    for (int s = 0; s < kStepsPerWindow; ++s) sum += steps[s];
    if (steps_ >= kStepsPerWindow)
      max_mean_square_ = std::max(max_mean_square_, sum / window_frames);
    steps[steps_ % kStepsPerWindow] = 0;
  }
}

}  // namespace tutti::cli
