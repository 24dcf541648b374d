// SPDX-License-Identifier: Apache-2.0
// Automation as written → curves in frames.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/graph/graph.hpp"

namespace tutti {

/// The curve of the lane that drives `target`, or null.
std::shared_ptr<const AutomationCurve> curve_for(const std::vector<AutomationSpec>& automation,
                                                 const std::string& target, double sample_rate_hz);

/// The lanes that drive fields of insert `index` (named, or by its number).
std::vector<FieldMotion> motions_for(const std::vector<AutomationSpec>& automation,
                                     const std::vector<InsertSpec>& inserts, std::size_t index,
                                     double sample_rate_hz);

}  // namespace tutti
