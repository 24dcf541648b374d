// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/limiter.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "host/audio/buffer.hpp"
#include "host/cpu/denormals.hpp"
#include "host/cpu/limiter_stage.hpp"

namespace tutti {
struct Limiter::State {
  State(const LimiterDesign& limiter_design, int channel_count)
      : design(limiter_design),
        channels(channel_count),
        lines(channel_count + 1, kMeterBlockFrames) {
    const LimiterLimits limits = {limiter_threshold(design), limiter_target(design), design.link};
    for (const LimiterStageDesign& stage : design.stages)
      stages.emplace_back(stage, limits, channel_count, stages.empty());
  }

  void process_block(ConstBlockView in, BlockView out);
  void account(const float* gains, Frames frames);

  LimiterDesign design;
  int channels;
  Buffer lines;  // the channels and, last, the gain applied to them
  std::vector<LimiterStage> stages;
  float least_gain = 1;
  Frames reduced_frames = 0;
};

void Limiter::State::process_block(ConstBlockView in, BlockView out) {
  const BlockView block = lines.view().slice(0, in.frames);
  const auto input_gain = static_cast<float>(design.input_gain);
  for (int c = 0; c < channels; ++c) {
    const float* from = in.channel(c);
    float* to = block.channel(c);
    if (design.input_gain == 1) {
      std::memcpy(to, from, in.frames * sizeof(float));
    } else {
      for (Frames i = 0; i < in.frames; ++i) to[i] = from[i] * input_gain;
    }
  }
  std::fill_n(block.channel(channels), in.frames, 1.0F);
  bool changed = false;
  for (LimiterStage& stage : stages) changed = stage.process(block, changed);
  for (int c = 0; c < channels; ++c)
    std::memcpy(out.channel(c), block.channel(c), in.frames * sizeof(float));
  if (changed) account(block.channel(channels), in.frames);
}

void Limiter::State::account(const float* gains, Frames frames) {
  for (Frames i = 0; i < frames; ++i) reduced_frames += gains[i] < 1;
  least_gain = std::min(least_gain, *std::min_element(gains, gains + frames));
}

Limiter::Limiter(const LimiterDesign& design, int channels)
    : state_(std::make_unique<State>(design, channels)) {}
Limiter::~Limiter() = default;
Limiter::Limiter(Limiter&&) noexcept = default;
Limiter& Limiter::operator=(Limiter&&) noexcept = default;

void Limiter::process(ConstBlockView in, BlockView out) {
  const ScopedFlushDenormals flush;
  for (Frames at = 0; at < in.frames; at += kMeterBlockFrames) {
    const Frames count = std::min<Frames>(kMeterBlockFrames, in.frames - at);
    state_->process_block(in.slice(at, count), out.slice(at, count));
  }
}

Frames Limiter::latency_frames() const { return state_->design.latency_frames; }

LimiterReport Limiter::report() const {
  return {std::max(0.0, -linear_to_db(state_->least_gain)), state_->reduced_frames};
}

AlignedLimiter::AlignedLimiter(const LimiterDesign& design, int channels)
    : limiter_(design, channels), skip_frames_(design.latency_frames) {}

Frames AlignedLimiter::push(ConstBlockView in, BlockView out) {
  limiter_.process(in, BlockView{out.data, out.channels, in.frames, out.stride});
  inside_frames_ += in.frames;
  const Frames skipped = std::min(skip_frames_, in.frames);
  const Frames written = in.frames - skipped;
  if (skipped > 0 && written > 0)
    for (int c = 0; c < out.channels; ++c)
      std::memmove(out.channel(c), out.channel(c) + skipped, written * sizeof(float));
  skip_frames_ -= skipped;
  inside_frames_ -= written;
  return written;
}

Frames AlignedLimiter::drain(BlockView out) {
  Frames written = 0;
  while (written == 0 && inside_frames_ > 0) {
    const Frames count = std::min(out.frames, skip_frames_ + inside_frames_);
    const BlockView block = out.slice(0, count);
    for (int c = 0; c < out.channels; ++c) std::memset(block.channel(c), 0, count * sizeof(float));
    const Frames before = inside_frames_;
    written = push(block, block);
    inside_frames_ = before - written;
  }
  return written;
}

LimiterReport limit(const LimiterDesign& design, ConstBlockView in, BlockView out) {
  AlignedLimiter limiter(design, in.channels);
  // Written frames never overtake read ones, so the two may be the same memory.
  Frames written = 0;
  for (Frames at = 0; at < in.frames; at += kMeterBlockFrames) {
    const Frames count = std::min<Frames>(kMeterBlockFrames, in.frames - at);
    Buffer block(in.channels, count);
    const Frames got = limiter.push(in.slice(at, count), block.view());
    for (int c = 0; c < in.channels; ++c)
      std::memcpy(out.channel(c) + written, block.channel(c), got * sizeof(float));
    written += got;
  }
  while (written < in.frames) {
    Buffer block(in.channels, std::min<Frames>(kMeterBlockFrames, in.frames - written));
    const Frames got = limiter.drain(block.view());
    for (int c = 0; c < in.channels; ++c)
      std::memcpy(out.channel(c) + written, block.channel(c), got * sizeof(float));
    written += got;
  }
  return limiter.report();
}

}  // namespace tutti
