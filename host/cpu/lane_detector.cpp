// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/lane_detector.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "host/cpu/lane_kernels.hpp"
#include "host/dsp/level_log2.hpp"

namespace tutti {

LaneDetector::LaneDetector(const LaneShape& shape, bool external_key)
    : shape_(shape), external_key_(external_key) {
  // A maximum over the strip in ⌈log2(channels)⌉ rotations: what has been heard doubles each time.
  for (int heard = 1; heard < shape.channels;) {
    const int shift = std::min(heard, shape.channels - heard);
    for (int lane = 0; lane < kLanes; ++lane) {
      const int first = lane / shape.channels * shape.channels;
      sources_[rotations_][lane] =
          lane < shape.lanes() ? first + (lane - first + shift) % shape.channels : lane;
    }
    heard += shift;
    ++rotations_;
  }
}

void LaneDetector::set(int strip, const DetectorDesign& design) {
  filters_ = filters_ || design.has_key_filter;
  rms_ = design.rms_pole > 0;
  for (int lane = strip * shape_.channels; lane < (strip + 1) * shape_.channels; ++lane) {
    link_[lane] = static_cast<float>(design.link);
    rms_pole_[lane] = design.rms_pole;
    filter_.set(lane, {&design.key_filter, design.has_key_filter ? 1u : 0u});
  }
}

const LaneRows& LaneDetector::hear(LaneWork& work, int frames) {
  const LaneRows* heard = external_key_ ? &work.key : &work.signal;
  if (filters_) {
    filter_.run(*heard, work.detector, shape_.lanes(), frames);
    heard = &work.detector;
  }
  if (rms_) {
    mean_square_rows(rms_pole_.data(), mean_square_.data(), frames, *heard, work.detector);
    heard = &work.detector;
  }
  const bool links = rotations_ > 0 && std::any_of(link_.values.begin(), link_.values.end(),
                                                   [](float link) { return link > 0.0f; });
  if (!links) return *heard;
  const bool fractional = std::any_of(link_.values.begin(), link_.values.end(),
                                      [](float link) { return link > 0.0f && link < 1.0f; });
  const float silence = std::exp2(static_cast<float>(rms_ ? 2 * kSilenceLog2 : kSilenceLog2));
  link_rows({rotations_, sources_[0].data(), link_.data(), fractional, silence}, frames, *heard,
            work.detector);
  return work.detector;
}

bool LaneDetector::quiet() const {
  // 1e-24 is −240 dB, 120 dB below the lowest threshold: as good as nothing once a signal comes.
  constexpr double kQuietMeanSquare = 1e-24;
  return filter_.quiet() && std::all_of(mean_square_.values.begin(), mean_square_.values.end(),
                                        [](double m) { return m < kQuietMeanSquare; });
}

void LaneDetector::reset() {
  filter_.reset();
  mean_square_ = {};
}

LaneDelay::LaneDelay(Frames length_frames)
    : length_frames_(length_frames), ring_(make_aligned<float>(length_frames * kLanes)) {}

void LaneDelay::run(LaneRows& signal, int frames) {
  if (length_frames_ == 0) return;
  for (int done = 0; done < frames;) {
    const Frames run = std::min<Frames>(frames - done, length_frames_ - position_);
    float* held = ring_.get() + position_ * kLanes;
    std::swap_ranges(held, held + run * kLanes, signal.row(done));
    done += static_cast<int>(run);
    position_ = (position_ + run) % length_frames_;
  }
}

bool LaneDelay::quiet() const {
  return std::all_of(ring_.get(), ring_.get() + length_frames_ * kLanes,
                     [](float x) { return std::abs(x) < static_cast<float>(kQuietAmplitude); });
}

void LaneDelay::reset() { std::fill_n(ring_.get(), length_frames_ * kLanes, 0.0f); }

}  // namespace tutti
