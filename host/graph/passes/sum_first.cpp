// SPDX-License-Identifier: Apache-2.0
// Σᵢ gᵢ·conv(h, xᵢ) ⇒ conv(h, Σᵢ gᵢ·xᵢ): strips that carry the same impulse response into the same
// sum are added before it, so the number of convolutions is the number of reverbs, not of stems.
#include <map>
#include <set>

#include "host/graph/compile.hpp"

namespace tutti {
namespace {

/// Whether h has no path from one channel to another (a mono input fans out to its own outputs).
bool is_channel_by_channel(const ConvolutionDesign& unit) {
  if (unit.inputs == 1) return true;
  if (unit.inputs != unit.outputs) return false;
  for (int out = 0; out < unit.outputs; ++out)
    for (int in = 0; in < unit.inputs; ++in)
      if (out != in && unit.impulses[out * unit.inputs + in]) return false;
  return true;
}

const ConvolutionDesign* movable(const Graph& graph, const Edge& edge, const std::vector<int>& uses) {
  const Node& node = graph.nodes[edge.from];
  if (node.kind != NodeKind::process || !node.motions.empty() || uses[edge.from] != 1 ||
      graph.is_tapped(edge.from) || !edge.gain.is_static_diagonal())
    return nullptr;
  const auto* unit = std::get_if<ConvolutionDesign>(&node.design);
  return unit && is_channel_by_channel(*unit) ? unit : nullptr;
}

/// Gain of xᵢ into the common sum: the edge's diagonal times what stood before the convolver. Members
/// may differ in width: a mono input reaches the same outputs as a stereo one.
EdgeGain gain_before(const Graph& graph, const Edge& edge) {
  const auto& unit = std::get<ConvolutionDesign>(graph.nodes[edge.from].design);
  EdgeGain gain;
  gain.outputs = unit.outputs;
  gain.inputs = unit.inputs;
  gain.matrix.assign(static_cast<std::size_t>(unit.outputs * unit.inputs), 0.0);
  const double factor = *graph.nodes[edge.from].inputs[0].gain.static_scalar();
  for (int out = 0; out < unit.outputs; ++out)
    gain.matrix[out * unit.inputs + (unit.inputs == 1 ? 0 : out)] =
        edge.gain.matrix[out * unit.outputs + out] * factor;
  return gain;
}

void move_behind_sum(Graph& graph, NodeId target, const std::vector<std::size_t>& members) {
  const NodeId first = graph.nodes[target].inputs[members[0]].from;
  const ConvolutionDesign unit = std::get<ConvolutionDesign>(graph.nodes[first].design);
  Node sum;
  sum.kind = NodeKind::sum;
  sum.name = graph.nodes[target].name + "/before " + unit.label;
  sum.channels = unit.outputs;
  for (std::size_t index : members) {
    const Edge& edge = graph.nodes[target].inputs[index];
    sum.inputs.push_back({graph.nodes[edge.from].inputs[0].from, gain_before(graph, edge), 0});
  }
  Node conv;
  conv.kind = NodeKind::process;
  conv.name = graph.nodes[target].name + "/convolver";
  conv.channels = unit.outputs;
  conv.insert = graph.nodes[first].insert;
  conv.latency_frames = graph.nodes[first].latency_frames;
  ConvolutionDesign diagonal = unit;
  diagonal.inputs = unit.outputs;
  diagonal.impulses.assign(static_cast<std::size_t>(unit.outputs * unit.outputs), nullptr);
  for (int c = 0; c < unit.outputs; ++c)
    diagonal.impulses[c * unit.outputs + c] =
        unit.impulses[c * unit.inputs + (unit.inputs == 1 ? 0 : c)];
  conv.design = std::move(diagonal);
  const std::set<std::size_t> moved(members.begin(), members.end());
  std::vector<Edge> rest;
  for (std::size_t i = 0; i < graph.nodes[target].inputs.size(); ++i) {
    if (moved.count(i))
      graph.nodes[graph.nodes[target].inputs[i].from].alive = false;
    else
      rest.push_back(std::move(graph.nodes[target].inputs[i]));
  }
  const NodeId sum_id = static_cast<NodeId>(graph.nodes.size());
  conv.inputs.push_back({sum_id, EdgeGain::unity(unit.outputs), 0});
  rest.push_back({sum_id + 1, EdgeGain::unity(unit.outputs), 0});
  graph.nodes[target].inputs = std::move(rest);
  graph.nodes.push_back(std::move(sum));
  graph.nodes.push_back(std::move(conv));
}

}  // namespace

void sum_first(Graph& graph, PassNotes& notes) {
  const std::size_t existing = graph.nodes.size();
  for (std::size_t target = 0; target < existing; ++target) {
    if (!graph.nodes[target].alive || graph.nodes[target].kind != NodeKind::sum) continue;
    const std::vector<int> uses = graph.consumer_counts();
    using Key = std::pair<Frames, std::vector<const void*>>;
    std::map<Key, std::vector<std::size_t>> groups;
    std::vector<Key> in_order;
    for (std::size_t i = 0; i < graph.nodes[target].inputs.size(); ++i) {
      const Edge& edge = graph.nodes[target].inputs[i];
      const ConvolutionDesign* unit = movable(graph, edge, uses);
      if (!unit) continue;
      Key key{graph.nodes[edge.from].latency_frames, {}};
      for (int c = 0; c < unit->outputs; ++c)
        key.second.push_back(unit->impulses[c * unit->inputs + (unit->inputs == 1 ? 0 : c)].get());
      auto& members = groups[key];
      if (members.empty()) in_order.push_back(key);
      members.push_back(i);
    }
    // Input positions shift with each move: one group at a time, then look again.
    for (const Key& key : in_order) {
      if (groups[key].size() < 2) continue;
      notes.push_back(std::to_string(groups[key].size()) + " convolutions into " +
                      graph.nodes[target].name + " became one behind their sum");
      move_behind_sum(graph, static_cast<NodeId>(target), groups[key]);
      --target;
      break;
    }
  }
}

}  // namespace tutti
