// SPDX-License-Identifier: Apache-2.0
// Which processors run one stem to a lane, and which strips run side by side.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "host/graph/schedule.hpp"

namespace tutti {

/// A run of lane processors behind one another, from a source or another node's signal.
struct LaneChain {
  NodeId source = -1;  ///< a source node, or −1
  NodeId input = -1;   ///< else the node whose signal it reads
  double input_gain = 1;
  std::vector<NodeId> nodes;  ///< processors, may be empty for a source
  NodeId tail = -1;
  int channels = 1;
};

/// Chains of the alive graph, in the order of their heads.
std::vector<LaneChain> find_lane_chains(const Graph& graph);

/// Chains that may run side by side, at most `lanes_per_group` channels a group; groups in a fixed order. Who shares
/// a group depends on the chains' own shape and targets only.
std::vector<std::vector<const LaneChain*>> group_chains(const Graph& graph,
                                                        const std::vector<LaneChain>& chains,
                                                        int lanes_per_group);

/// The edges from `tail` that a lane step adds into sums on its way out: {sum, index of the input}.
std::vector<std::pair<NodeId, std::size_t>> fused_mixes(const Graph& graph, NodeId tail);

/// The lane step of one group.
LaneStep make_lane_step(const Graph& graph, const std::vector<const LaneChain*>& group);

}  // namespace tutti
