// SPDX-License-Identifier: Apache-2.0
// Levels of an insert that move are no business of the processor: they become gains on connections
// around it, which follow their curves sample by sample.
//   insert(wet ~, dry ~, mix ~) ⇒ mix·wet·unit(in) + mix·dry·in + (1 − mix)·in
#pragma once

#include <memory>
#include <vector>

#include "host/graph/graph.hpp"

namespace tutti {

/// A level: a number, or a curve in dB.
struct MovingLevel {
  double fixed = 1;
  std::shared_ptr<const AutomationCurve> curve;
};

/// What stands around a processor.
struct InsertLevels {
  bool has_unit = true;  ///< a `gain` is nothing but its level
  std::shared_ptr<const AutomationCurve> input;  ///< dB before the processor
  MovingLevel wet, dry{0, nullptr};
  double mix = 1;
  std::shared_ptr<const AutomationCurve> mix_curve;

  /// Whether anything after the processor moves.
  bool surround() const { return !has_unit || wet.curve || dry.curve || mix_curve; }

  /// Gains of the processor's output and of its input (several connections may be needed) into the
  /// sum behind it. `outputs` ≥ inputs of the unit; a mono input goes to every output.
  EdgeGain wet_gain(int channels) const;
  std::vector<EdgeGain> dry_gains(int outputs, int inputs) const;
};

/// Takes the levels that move out of a process node: its motions lose them, its Spec becomes neutral
/// in them (wet 0 dB, dry −inf, mix 1). Levels that stand still stay where they are if nothing else
/// of the insert's levels moves.
InsertLevels take_moving_levels(Node& node);

}  // namespace tutti
