// SPDX-License-Identifier: Apache-2.0
// Fade shapes.
#pragma once

#include <array>

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
double fade_gain(FadeShape shape, double t);

}  // namespace tutti
