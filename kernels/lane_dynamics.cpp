// SPDX-License-Identifier: Apache-2.0
#include "kernels/lane_dynamics.hpp"

#include <cmath>

namespace tutti::cuda {
namespace {

/// Rows of a 2 × 2 matrix.
using Matrix = std::array<double, 4>;

Matrix squared(const Matrix& m) {
  return {m[0] * m[0] + m[1] * m[2], m[0] * m[1] + m[1] * m[3], m[2] * m[0] + m[3] * m[2],
          m[2] * m[1] + m[3] * m[3]};
}

}  // namespace

Frames decay_frames(double pole, double decades) {
  if (pole <= 0.0) return 0;
  return static_cast<Frames>(std::ceil(decades * std::log(10.0) / -std::log(pole)));
}

Frames decay_frames(const BiquadDesign& filter, double decades) {
  const double half = -0.5 * filter.a1, discriminant = half * half - filter.a2;
  const double radius =
      discriminant > 0 ? std::abs(half) + std::sqrt(discriminant) : std::sqrt(filter.a2);
  // A double pole starts with a ramp, which three decades more than make up for.
  return 2 + decay_frames(radius, decades + 3);
}

StripDetector make_detector(bool has_key_filter, const BiquadDesign& key_filter, double mix) {
  StripDetector detector{};
  detector.key_filter = key_filter;
  detector.has_key_filter = has_key_filter ? 1 : 0;
  detector.mix = static_cast<float>(mix);
  // Zero input: s1 ← −a1·s1 + s2, s2 ← −a2·s1.
  Matrix power{-key_filter.a1, 1.0, -key_filter.a2, 0.0};
  for (int frames = 1; frames < kRunFrames; frames *= 2) power = squared(power);
  for (auto& row : detector.filter_powers) {
    std::copy(power.begin(), power.end(), row);
    power = squared(power);
  }
  return detector;
}

Frames reduction_settle(const ReductionSegment& segment) {
  const double decades = std::log10(kMostReductionLog2) + kQuietStepDecades + 1;
  return decay_frames(segment.poles.release, decades) + decay_frames(segment.poles.attack, decades);
}

Frames detector_memory_frames(const StripDetector& detector) {
  const Frames filter =
      detector.has_key_filter ? decay_frames(detector.key_filter, (120.0 + 300.0) / 20) : 0;
  return filter + decay_frames(detector.rms_pole, (120.0 + 240.0) / 10) + detector.hold_frames;
}

}  // namespace tutti::cuda
