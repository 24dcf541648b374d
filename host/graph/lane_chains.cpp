// SPDX-License-Identifier: Apache-2.0
#include "host/graph/lane_chains.hpp"

#include <algorithm>
#include <string>

namespace tutti {
namespace {

/// Sections a biquad op runs at most; longer cascades are cut.
constexpr std::size_t kMaxSections = 12;

bool is_lane_processor(const Node& node) {
  if (node.kind != NodeKind::process) return false;
  return std::holds_alternative<EqDesign>(node.design) ||
         std::holds_alternative<CompressorDesign>(node.design) ||
         std::holds_alternative<GateDesign>(node.design) ||
         std::holds_alternative<ExpanderDesign>(node.design) ||
         std::holds_alternative<GainDesign>(node.design);
}

/// What must be equal for two chains to run in one step.
std::string signature(const Graph& graph, const LaneChain& chain, int depth) {
  std::string key = std::to_string(depth) + "|" + std::to_string(chain.channels) + "|" +
                    (chain.input_gain != 1.0 ? "g" : "");
  for (NodeId id : chain.nodes) {
    const Node& node = graph.nodes[id];
    key += '|' + std::to_string(node.design.index()) + (node.inputs.size() > 1 ? "k" : "");
    key += '+' + std::to_string(node.latency_frames);
    if (const auto* eq = std::get_if<EqDesign>(&node.design))
      key += 's' + std::to_string((eq->sections.size() + 1) / 2);
    if (const auto* compressor = std::get_if<CompressorDesign>(&node.design))
      key += std::string(compressor->ballistics == Ballistics::branching ? "b" : "d") +
             (compressor->rms_pole != 0.0 ? "r" : "p");
  }
  for (const auto& [sum, index] : fused_mixes(graph, chain.tail)) key += '>' + std::to_string(sum);
  return key;
}

LaneOp empty_op(LaneOpKind kind, std::size_t strips) {
  LaneOp op;
  op.kind = kind;
  op.mix.assign(strips, 1.0);
  return op;
}

void add_gain_op(LaneStep& step, const std::vector<const LaneChain*>& group) {
  LaneOp op = empty_op(LaneOpKind::gain, group.size());
  for (const LaneChain* chain : group) op.gain.push_back(chain->input_gain);
  step.program.ops.push_back(std::move(op));
  for (LaneStrip& strip : step.strips) {
    strip.nodes.push_back(-1);
    strip.keys.emplace_back();
  }
}

/// Cascades of one position, cut into ops of at most kMaxSections; the insert's mix spans the whole
/// cascade, so a blended one is not cut.
void add_biquad_ops(LaneStep& step, const Graph& graph, const std::vector<const LaneChain*>& group,
                    std::size_t position) {
  std::size_t longest = 0;
  bool blended = false;
  for (const LaneChain* chain : group) {
    const Node& node = graph.nodes[chain->nodes[position]];
    longest = std::max(longest, std::get<EqDesign>(node.design).sections.size());
    blended |= node.insert.mix != 1.0 || !node.motions.empty();
  }
  const std::size_t piece = blended ? std::max<std::size_t>(longest, 1) : kMaxSections;
  for (std::size_t first = 0; first < std::max<std::size_t>(longest, 1); first += piece) {
    LaneOp op = empty_op(LaneOpKind::biquads, group.size());
    for (std::size_t s = 0; s < group.size(); ++s) {
      const Node& node = graph.nodes[group[s]->nodes[position]];
      const auto& sections = std::get<EqDesign>(node.design).sections;
      const std::size_t begin = std::min(first, sections.size());
      const std::size_t end = std::min(first + piece, sections.size());
      op.biquads.emplace_back(sections.begin() + static_cast<std::ptrdiff_t>(begin),
                              sections.begin() + static_cast<std::ptrdiff_t>(end));
      op.mix[s] = node.insert.mix;
      step.strips[s].nodes.push_back(group[s]->nodes[position]);
      step.strips[s].keys.emplace_back();
    }
    step.program.ops.push_back(std::move(op));
  }
}

PlanEdge key_edge(const Graph& graph, const Node& node) {
  PlanEdge edge;
  if (node.inputs.size() < 2) return edge;
  const Edge& key = node.inputs[1];
  edge.from = key.from;
  edge.gain = key.gain;
  edge.delay_frames = key.delay_frames;
  edge.arrival_frames = graph.nodes[key.from].arrival_frames;
  return edge;
}

void add_dynamics_op(LaneStep& step, const Graph& graph, const std::vector<const LaneChain*>& group,
                     std::size_t position) {
  LaneOp op = empty_op(LaneOpKind::gain, group.size());
  for (std::size_t s = 0; s < group.size(); ++s) {
    const Node& node = graph.nodes[group[s]->nodes[position]];
    op.mix[s] = node.insert.mix;
    op.external_key = node.inputs.size() > 1;
    if (const auto* compressor = std::get_if<CompressorDesign>(&node.design)) {
      op.kind = LaneOpKind::compressor;
      op.compressor.push_back(*compressor);
    } else if (const auto* gate = std::get_if<GateDesign>(&node.design)) {
      op.kind = LaneOpKind::gate;
      op.gate.push_back(*gate);
    } else if (const auto* expander = std::get_if<ExpanderDesign>(&node.design)) {
      op.kind = LaneOpKind::expander;
      op.expander.push_back(*expander);
    } else {
      op.gain.push_back(std::get<GainDesign>(node.design).linear);
    }
    step.strips[s].nodes.push_back(group[s]->nodes[position]);
    step.strips[s].keys.push_back(key_edge(graph, node));
  }
  step.program.ops.push_back(std::move(op));
}

}  // namespace

std::vector<LaneChain> find_lane_chains(const Graph& graph) {
  const std::vector<int> uses = graph.consumer_counts();
  std::vector<int> chain_of(graph.nodes.size(), -1);
  std::vector<LaneChain> chains;
  for (NodeId id : graph.order()) {
    const Node& node = graph.nodes[id];
    if (node.kind == NodeKind::source) {
      LaneChain chain;
      chain.source = chain.tail = id;
      chain.channels = node.channels;
      chain_of[id] = static_cast<int>(chains.size());
      chains.push_back(std::move(chain));
      continue;
    }
    if (!is_lane_processor(node)) continue;
    const Edge& input = node.inputs[0];
    const double gain = *input.gain.static_scalar();
    const int before = chain_of[input.from];
    const bool alone = uses[input.from] == 1 && !graph.is_tapped(input.from);
    const bool head = before >= 0 && chains[before].nodes.empty();
    if (before >= 0 && alone && input.delay_frames == 0 && (gain == 1.0 || head)) {
      LaneChain& chain = chains[before];
      if (head) chain.input_gain *= gain;
      chain.nodes.push_back(id);
      chain.tail = id;
      chain_of[id] = before;
    } else {
      LaneChain chain;
      chain.input = input.from;
      chain.input_gain = gain;
      chain.nodes = {id};
      chain.tail = id;
      chain.channels = node.channels;
      chain_of[id] = static_cast<int>(chains.size());
      chains.push_back(std::move(chain));
    }
  }
  return chains;
}

std::vector<std::pair<NodeId, std::size_t>> fused_mixes(const Graph& graph, NodeId tail) {
  std::vector<std::pair<NodeId, std::size_t>> result;
  for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id) {
    const Node& node = graph.nodes[id];
    if (!node.alive || node.kind != NodeKind::sum) continue;
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      if (node.inputs[i].from == tail && node.inputs[i].delay_frames == 0) result.push_back({id, i});
  }
  return result;
}

std::vector<std::vector<const LaneChain*>> group_chains(const Graph& graph,
                                                        const std::vector<LaneChain>& chains,
                                                        int lanes_per_group) {
  std::vector<int> depth(graph.nodes.size(), 0);
  for (NodeId id : graph.order())
    for (const Edge& edge : graph.nodes[id].inputs)
      depth[id] = std::max(depth[id], depth[edge.from] + 1);
  std::vector<std::vector<const LaneChain*>> groups;
  std::map<std::string, std::size_t> open;  // signature → group that has room
  for (const LaneChain& chain : chains) {
    int inputs_depth = chain.input >= 0 ? depth[chain.input] : 0;
    for (NodeId id : chain.nodes)
      for (std::size_t i = 1; i < graph.nodes[id].inputs.size(); ++i)
        inputs_depth = std::max(inputs_depth, depth[graph.nodes[id].inputs[i].from]);
    const std::string key = signature(graph, chain, inputs_depth);
    const auto found = open.find(key);
    const std::size_t room = static_cast<std::size_t>(std::max(1, lanes_per_group / chain.channels));
    if (found != open.end() && groups[found->second].size() < room) {
      groups[found->second].push_back(&chain);
    } else {
      open[key] = groups.size();
      groups.push_back({&chain});
    }
  }
  return groups;
}

LaneStep make_lane_step(const Graph& graph, const std::vector<const LaneChain*>& group) {
  LaneStep step;
  step.program.strips = static_cast<int>(group.size());
  step.program.channels = group[0]->channels;
  const std::vector<int> uses = graph.consumer_counts();
  for (const LaneChain* chain : group) {
    LaneStrip strip;
    strip.stem = chain->source >= 0 ? graph.nodes[chain->source].stem : -1;
    strip.input = chain->input;
    strip.tail = chain->tail;
    strip.arrival_frames = graph.nodes[chain->tail].arrival_frames;
    strip.planar = graph.is_tapped(chain->tail) ||
                   uses[chain->tail] > static_cast<int>(fused_mixes(graph, chain->tail).size());
    step.strips.push_back(std::move(strip));
  }
  if (group[0]->input_gain != 1.0) add_gain_op(step, group);
  for (std::size_t position = 0; position < group[0]->nodes.size(); ++position) {
    const Node& node = graph.nodes[group[0]->nodes[position]];
    step.program.latency_frames += node.latency_frames;
    if (std::holds_alternative<EqDesign>(node.design))
      add_biquad_ops(step, graph, group, position);
    else
      add_dynamics_op(step, graph, group, position);
  }
  for (const auto& [sum, first_index] : fused_mixes(graph, group[0]->tail))
    step.mixes.push_back({sum, {}});
  for (const LaneChain* chain : group) {
    const auto mixes = fused_mixes(graph, chain->tail);
    for (std::size_t m = 0; m < mixes.size(); ++m) {
      const Edge& edge = graph.nodes[mixes[m].first].inputs[mixes[m].second];
      step.mixes[m].gains.push_back(
          {edge.from, edge.gain, 0, graph.nodes[chain->tail].arrival_frames});
    }
  }
  return step;
}

}  // namespace tutti
