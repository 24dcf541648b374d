// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/pan.hpp"

#include <algorithm>
#include <cmath>

#include "host/audio/units.hpp"

namespace tutti {
namespace {

// √2·cos θ with θ = (p+1)·π/4, written as cos φ − sin φ with φ = p·π/4: exactly 1 at the centre.
double raised_cosine(double position) {
  if (position >= 1) return 0;  // cos(π/4) − sin(π/4) would leave 1e−16
  const double phi = position * kPi / 4;
  return std::cos(phi) - std::sin(phi);
}

double left_gain(PanLaw law, double position) {
  const double raised = raised_cosine(position);
  const double constant_power = raised * std::sqrt(0.5);
  const double linear = (1 - position) / 2;
  switch (law) {
    case PanLaw::zero:
      return raised;
    case PanLaw::minus_3:
      return position <= -1 ? 1 : constant_power;
    case PanLaw::minus_4_5:
      return position <= -1 ? 1 : std::sqrt(constant_power * linear);
    case PanLaw::minus_6:
      break;
  }
  return linear;
}

}  // namespace

std::array<double, 2> pan_gains(PanLaw law, double position) {
  const double p = std::clamp(position, -1.0, 1.0);
  // The right gain is the mirrored left one, so that ±p are mirror images bit for bit.
  return {left_gain(law, p), left_gain(law, -p)};
}

std::array<double, 2> balance_gains(double position) {
  const double p = std::clamp(position, -1.0, 1.0);
  return {std::min(1.0, 1 - p), std::min(1.0, 1 + p)};
}

std::array<std::array<double, 2>, 2> stereo_pan_matrix(double position, double width) {
  const std::array<double, 2> place = pan_gains(PanLaw::zero, position);
  // m + w·s and m − w·s with m = (l + r)/2, s = (l − r)/2.
  const double same = (1 + width) / 2, other = (1 - width) / 2;
  return {{{place[0] * same, place[0] * other}, {place[1] * other, place[1] * same}}};
}

}  // namespace tutti
