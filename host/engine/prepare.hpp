// SPDX-License-Identifier: Apache-2.0
// Everything between a parsed session and the first tile: files opened, deliveries resolved, the graph
// compiled, the range known.
#pragma once

#include "host/engine/deliveries.hpp"
#include "host/engine/inputs.hpp"
#include "host/engine/timeline.hpp"
#include "host/graph/compile.hpp"
#include "host/graph/schedule.hpp"

namespace tutti {

struct PreparedRender {
  SessionInputs inputs;
  std::vector<Delivery> deliveries;
  Plan plan;
  std::vector<PassRecord> passes;
  std::string graph_before, graph_after;  ///< as text
  TimelineRange range;
  Frames first_frame = 0;  ///< where computing starts: a tile border, the pre-roll before the range
};

/// Throws SessionError with all issues. `deliveries` chooses the taps; the signals of taps do not
/// depend on each other. `lanes_per_group`: of the backend that will run the plan.
PreparedRender prepare(const Session& session, const RenderOptions& options,
                       std::vector<Delivery> deliveries, int lanes_per_group);
/// The same with files that are open already.
PreparedRender prepare(const Session& session, const RenderOptions& options,
                       std::vector<Delivery> deliveries, SessionInputs inputs, int lanes_per_group);

}  // namespace tutti
