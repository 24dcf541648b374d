// SPDX-License-Identifier: Apache-2.0
// gain(0) → anything ⇒ nothing; a node that reaches no tap ⇒ nothing. What is never heard is never
// read. Keys are kept: a silent key still decides.
#include <algorithm>

#include "host/graph/compile.hpp"

namespace tutti {
namespace {

bool is_silent(const Node& node) {
  if (node.kind == NodeKind::source) return false;
  return node.inputs.empty() || (node.kind == NodeKind::process && node.inputs[0].from < 0);
}

/// Removes inputs that carry nothing; returns whether anything changed.
bool drop_silent_inputs(Graph& graph) {
  bool changed = false;
  for (Node& node : graph.nodes) {
    if (!node.alive) continue;
    auto carries_nothing = [&](const Edge& edge) {
      return edge.gain.is_zero() || is_silent(graph.nodes[edge.from]);
    };
    if (node.kind == NodeKind::sum) {
      const auto kept = std::remove_if(node.inputs.begin(), node.inputs.end(), carries_nothing);
      changed |= kept != node.inputs.end();
      node.inputs.erase(kept, node.inputs.end());
    } else if (node.kind == NodeKind::process && !node.inputs.empty() &&
               carries_nothing(node.inputs[0])) {
      // A processor of silence is silence, its key notwithstanding.
      node.kind = NodeKind::sum;
      node.inputs.clear();
      changed = true;
    }
  }
  return changed;
}

void mark_live(const Graph& graph, NodeId id, std::vector<bool>& live) {
  std::vector<NodeId> pending = {id};
  while (!pending.empty()) {
    const NodeId node = pending.back();
    pending.pop_back();
    if (live[node]) continue;
    live[node] = true;
    for (const Edge& edge : graph.nodes[node].inputs) pending.push_back(edge.from);
  }
}

}  // namespace

void remove_dead(Graph& graph, PassNotes& notes) {
  while (drop_silent_inputs(graph)) {
  }
  std::vector<bool> live(graph.nodes.size(), false);
  for (const Tap& tap : graph.taps) mark_live(graph, tap.node, live);
  for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id) {
    Node& node = graph.nodes[id];
    if (!node.alive || live[id]) continue;
    node.alive = false;
    if (node.kind != NodeKind::sum) notes.push_back("never heard: " + node.name);
  }
}

}  // namespace tutti
