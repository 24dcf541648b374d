// SPDX-License-Identifier: Apache-2.0
// Automation the slow way: every frame on its own, from the definition, in double.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>

#include "host/dsp/automation.hpp"

namespace tutti::reference {

inline double gain_of_db(double db) { return std::isinf(db) ? 0.0 : std::pow(10.0, db / 20); }
inline double db_of_gain(double gain) {
  return gain > 0 ? 20 * std::log10(gain) : -std::numeric_limits<double>::infinity();
}

/// Value at `frame` in the lane's unit.
inline double automation(const AutomationCurve& curve, Frames frame) {
  const auto& p = curve.points;
  std::size_t last = p.size();  // the last point at or before the frame
  for (std::size_t i = 0; i < p.size(); ++i)
    if (p[i].frame <= frame) last = i;
  if (last == p.size()) return p.front().value;
  if (last + 1 == p.size() || curve.interpolation == Interpolation::hold) return p[last].value;
  const double a = p[last].value, b = p[last + 1].value;
  const double t = static_cast<double>(frame - p[last].frame) /
                   static_cast<double>(p[last + 1].frame - p[last].frame);
  const double s = curve.interpolation == Interpolation::smooth ? 3 * t * t - 2 * t * t * t : t;
  if (curve.domain == AutomationDomain::gain || std::isinf(a) || std::isinf(b))
    return db_of_gain(gain_of_db(a) * (1 - s) + gain_of_db(b) * s);
  return a * (1 - s) + b * s;
}

}  // namespace tutti::reference
