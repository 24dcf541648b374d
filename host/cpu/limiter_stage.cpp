// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/limiter_stage.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace tutti {
LimiterStage::LimiterStage(const LimiterStageDesign& design, const LimiterLimits& limits,
                           int channels, bool first)
    : design_(design),
      threshold_(limits.threshold),
      target_(limits.target),
      link_(limits.link),
      first_(first),
      channels_(channels),
      delay_frames_(design.latency_frames()),
      peaks_(channels),
      over_(channels, kMeterBlockFrames),
      delay_(channels + 1, delay_frames_ + kMeterBlockFrames) {
  const int streams = link_ >= 1 ? 1 : channels;
  for (int s = 0; s < streams; ++s) streams_.emplace_back(design);
  reductions_.assign(streams, std::vector<std::int32_t>(kMeterBlockFrames));
  gains_.assign(streams, std::vector<double>(kMeterBlockFrames));
  previous_.assign(streams, 0);
  active_.assign(streams, 0);
  least_gain_.assign(kMeterBlockFrames, 1);
  std::fill_n(delay_.channel(channels), delay_frames_, 1.0F);  // nothing is reduced before frame 0
}

bool LimiterStage::process(BlockView lines, bool changed) {
  const int frames = static_cast<int>(lines.frames);
  if (changed) changed_left_ = delay_frames_ + kMeterHistoryFrames;
  const bool look = first_ || changed_left_ > 0;
  bool any = false;
  if (look) {
    any = find_reductions(lines);
  } else {
    for (int c = 0; c < channels_; ++c) peaks_[c].load_unscanned(lines.channel(c), frames);
  }
  bool reduced = false;
  for (std::size_t s = 0; s < streams_.size(); ++s) {
    const bool carried = previous_[s] > 0;
    if (any || carried) to_reductions(static_cast<int>(s), frames);
    active_[s] = streams_[s].process(any || carried ? reductions_[s].data() : nullptr, frames,
                                     gains_[s].data());
    reduced |= active_[s] != 0;
  }
  delay(lines);
  if (reduced) apply(lines);
  const bool output_changed = reduced || changed || changed_left_ > 0;
  changed_left_ = std::max<Frames>(0, changed_left_ - frames);
  return output_changed;
}

bool LimiterStage::find_reductions(ConstBlockView lines) {
  bool any = false;
  for (int c = 0; c < channels_; ++c) {
    peaks_[c].load(lines.channel(c), static_cast<int>(lines.frames));
    any |= peaks_[c].over(threshold_, over_.channel(c));
  }
  if (any && link_ >= 1) merge_linked();
  if (any && link_ > 0 && link_ < 1) merge_blended();
  return any;
}

void LimiterStage::merge_linked() {
  float* all = over_.channel(0);
  for (int c = 1; c < channels_; ++c) {
    const float* peaks = over_.channel(c);
    for (int i = 0; i < kMeterBlockFrames; ++i) all[i] = std::max(all[i], peaks[i]);
  }
}

void LimiterStage::merge_blended() {
  for (int i = 0; i < kMeterBlockFrames; ++i) {
    float highest = 0;
    for (int c = 0; c < channels_; ++c) highest = std::max(highest, over_.channel(c)[i]);
    if (highest == 0) continue;
    for (int c = 0; c < channels_; ++c) {
      float& peak = over_.channel(c)[i];
      peak = linked_peak(peak, highest, target_, link_);
    }
  }
}

// Frame n scales the intervals on both of its sides.
void LimiterStage::to_reductions(int stream, int frames) {
  const float* peaks = over_.channel(stream);
  std::int32_t* out = reductions_[stream].data();
  const double scale = std::ldexp(1.0, design_.fraction_bits);
  std::int32_t before = previous_[stream];
  for (int i = 0; i < frames; ++i) {
    const std::int32_t here = needed_reduction(peaks[i], target_, scale);
    out[i] = std::max(before, here);
    before = here;
  }
  previous_[stream] = before;
}

void LimiterStage::delay(BlockView lines) {
  for (int c = 0; c <= channels_; ++c) {
    float* waiting = delay_.channel(c);
    float* block = lines.channel(c);
    std::memcpy(waiting + delay_frames_, block, lines.frames * sizeof(float));
    std::memcpy(block, waiting, lines.frames * sizeof(float));
    std::memmove(waiting, waiting + lines.frames, delay_frames_ * sizeof(float));
  }
}

void LimiterStage::apply(BlockView lines) {
  const auto scale = [&](int line, const std::vector<double>& gains) {
    float* out = lines.channel(line);
    const double* gain = gains.data();
    for (Frames i = 0; i < lines.frames; ++i) out[i] = static_cast<float>(out[i] * gain[i]);
  };
  std::vector<double>& least = least_gain_;
  std::fill_n(least.begin(), lines.frames, 1.0);
  for (std::size_t s = 0; s < streams_.size(); ++s) {
    if (!active_[s]) continue;
    for (int c = 0; c < channels_; ++c)
      if (streams_.size() == 1 || static_cast<std::size_t>(c) == s) scale(c, gains_[s]);
    for (Frames i = 0; i < lines.frames; ++i) least[i] = std::min(least[i], gains_[s][i]);
  }
  scale(channels_, least);
}

}  // namespace tutti
