// SPDX-License-Identifier: Apache-2.0
// gain(a) → gain(b) ⇒ gain(b·a): polarity, fader, groups, pan law and send level become one matrix
// on the connection. A `gain` insert that does not move is such a gain too.
#include "host/graph/compile.hpp"

namespace tutti {
namespace {

void turn_static_gain_inserts_into_gains(Graph& graph) {
  for (Node& node : graph.nodes) {
    if (!node.alive || node.kind != NodeKind::process || !node.motions.empty()) continue;
    const auto* gain = std::get_if<GainDesign>(&node.design);
    if (!gain) continue;
    const double factor = 1.0 - node.insert.mix + node.insert.mix * gain->linear;
    const auto folded = compose(EdgeGain::scalar(node.channels, factor), node.inputs[0].gain);
    if (!folded) continue;
    node.kind = NodeKind::sum;
    node.inputs[0].gain = *folded;
  }
}

/// The composed gains of all consumers of `id`, or none if one of them can not take it.
bool compose_into_consumers(Graph& graph, NodeId id) {
  const Edge& through = graph.nodes[id].inputs[0];
  struct Change {
    Edge* edge;
    EdgeGain gain;
  };
  std::vector<Change> changes;
  for (Node& consumer : graph.nodes) {
    if (!consumer.alive) continue;
    for (std::size_t i = 0; i < consumer.inputs.size(); ++i) {
      Edge& edge = consumer.inputs[i];
      if (edge.from != id) continue;
      auto gain = compose(edge.gain, through.gain);
      if (!gain) return false;
      // A processor's own input takes a plain factor only.
      if (consumer.kind == NodeKind::process && i == 0 && !gain->static_scalar()) return false;
      changes.push_back({&edge, std::move(*gain)});
    }
  }
  const NodeId from = through.from;
  for (Change& change : changes) {
    change.edge->gain = std::move(change.gain);
    change.edge->from = from;
  }
  return true;
}

}  // namespace

void fold_gains(Graph& graph, PassNotes& notes) {
  turn_static_gain_inserts_into_gains(graph);
  int folded = 0;
  for (NodeId id : graph.order()) {
    Node& node = graph.nodes[id];
    if (node.kind != NodeKind::sum || node.inputs.size() != 1 || graph.is_tapped(id)) continue;
    if (!compose_into_consumers(graph, id)) continue;
    node.alive = false;
    ++folded;
  }
  if (folded > 0) notes.push_back(std::to_string(folded) + " gain stages became matrix entries");
}

}  // namespace tutti
