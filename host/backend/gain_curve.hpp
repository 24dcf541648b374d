// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "host/audio/units.hpp"

namespace tutti {

/// A gain that moves along the timeline.
class GainCurve {
 public:
  virtual ~GainCurve() = default;
  /// Linear gains of timeline frames [first, first + values.size()). Called from any thread.
  virtual void values(Frames first, std::span<float> values) const = 0;
};

}  // namespace tutti
