// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/fade.hpp"

#include <cmath>

#include "host/audio/units.hpp"

namespace tutti {

double fade_gain(FadeShape shape, double t) {
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

}  // namespace tutti
