// SPDX-License-Identifier: Apache-2.0
// Fade shapes, and the gain along a clip that they make.
#pragma once

#include <array>
#include <cmath>

#include "host/audio/host_device.hpp"
#include "host/audio/units.hpp"
#include "host/dsp/fields.hpp"

namespace tutti {

enum class FadeShape { linear, equal_power, s_curve, quadratic, exponential };

inline constexpr std::array<Choice<FadeShape>, 5> kFadeShapes = {{
    {"linear", FadeShape::linear},
    {"equal_power", FadeShape::equal_power},  // sin(πt/2)
    {"s_curve", FadeShape::s_curve},          // (1 − cos πt)/2: equal gain
    {"quadratic", FadeShape::quadratic},      // t²
    {"exponential", FadeShape::exponential},  // −60 dB … 0 dB, linear in dB, 0 at t = 0
}};

/// Gain of a fade-in at t in 0 … 1; a fade-out is the same mirrored. Clamped outside.
TUTTI_HOST_DEVICE inline double fade_gain(FadeShape shape, double t) {
  if (!(t > 0)) return 0;
  if (t >= 1) return 1;
  switch (shape) {
    case FadeShape::linear:
      break;
    case FadeShape::equal_power:
      return std::sin(kPi / 2 * t);
    case FadeShape::s_curve:
      return (1 - std::cos(kPi * t)) / 2;
    case FadeShape::quadratic:
      return t * t;
    case FadeShape::exponential:
      return std::pow(10.0, 3 * (t - 1));  // −60·(1 − t) dB
  }
  return t;
}

/// The gain along a clip: one factor, and the fades at its ends.
struct ClipEnvelope {
  Frames length = 0;
  double gain = 1;
  Frames fade_in = 0, fade_out = 0;
  FadeShape fade_in_shape = FadeShape::linear, fade_out_shape = FadeShape::linear;

  /// Samples pass untouched.
  TUTTI_HOST_DEVICE bool plain() const { return gain == 1.0 && fade_in == 0 && fade_out == 0; }
  /// At a frame of the clip, 0 ≤ position < length.
  TUTTI_HOST_DEVICE double at(Frames position) const {
    double product = gain;
    if (position < fade_in)
      product *=
          fade_gain(fade_in_shape, static_cast<double>(position) / static_cast<double>(fade_in));
    const Frames left = length - position;
    if (left <= fade_out)
      product *=
          fade_gain(fade_out_shape, static_cast<double>(left) / static_cast<double>(fade_out));
    return product;
  }
};

}  // namespace tutti
