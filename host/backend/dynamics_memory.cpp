// SPDX-License-Identifier: Apache-2.0
#include "host/backend/dynamics_memory.hpp"

#include <cmath>

#include "host/dsp/level_curve.hpp"

namespace tutti {

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

Frames reduction_settle_frames(const SmootherPoles& poles) {
  const double decades = std::log10(kMostReductionLog2) + kQuietStepDecades + 1;
  return decay_frames(poles.release, decades) + decay_frames(poles.attack, decades);
}

Frames gate_settle_frames(const SmootherPoles& poles) {
  return decay_frames(poles.release, kQuietStepDecades);
}

Frames detector_memory_frames(const BiquadDesign* key_filter, double rms_pole, Frames hold_frames) {
  const Frames filter = key_filter ? decay_frames(*key_filter, (120.0 + 300.0) / 20) : 0;
  return filter + decay_frames(rms_pole, (120.0 + 240.0) / 10) + hold_frames;
}

}  // namespace tutti
