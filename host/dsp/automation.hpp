// SPDX-License-Identifier: Apache-2.0
// Values that move over time: break points and what lies between them.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "host/audio/units.hpp"
#include "host/dsp/fields.hpp"

namespace tutti {

enum class Interpolation { hold, linear, smooth };
/// In which domain `linear` and `smooth` interpolate a level: dB, or the gain it stands for.
enum class AutomationDomain { db, gain };

inline constexpr std::array<Choice<Interpolation>, 3> kInterpolations = {
    {{"hold", Interpolation::hold}, {"linear", Interpolation::linear},
     {"smooth", Interpolation::smooth}}};
inline constexpr std::array<Choice<AutomationDomain>, 2> kAutomationDomains = {
    {{"db", AutomationDomain::db}, {"gain", AutomationDomain::gain}}};

/// One lane compiled to frames. Before the first point its value holds, after the last one too.
/// Points at the same frame: the last one wins from that frame on (a step).
struct AutomationCurve {
  struct Point {
    Frames frame;
    double value;
  };
  Interpolation interpolation = Interpolation::linear;
  AutomationDomain domain = AutomationDomain::db;
  std::vector<Point> points;  ///< sorted by frame, at least one
};

/// Value at one frame, in the target's own unit. `smooth` is 3t²−2t³ between points. In the gain
/// domain dB values are interpolated as linear gains and returned in dB. A segment in dB that
/// starts or ends at −inf is interpolated as gain.
double automation_value(const AutomationCurve& curve, Frames frame);

/// Linear gains db_to_linear(value) of frames [first, first + out.size()), double inside.
/// Independent of how a range is cut into calls.
void automation_gains(const AutomationCurve& curve, Frames first, std::span<float> out);

/// Values in the target's own unit, likewise.
void automation_values(const AutomationCurve& curve, Frames first, std::span<float> out);

}  // namespace tutti
