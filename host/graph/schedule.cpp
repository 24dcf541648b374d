// SPDX-License-Identifier: Apache-2.0
#include "host/graph/schedule.hpp"

#include <algorithm>
#include <cmath>

#include "host/dsp/impulse_blocks.hpp"
#include "host/graph/convolution.hpp"
#include "host/graph/lane_chains.hpp"

namespace tutti {
namespace {

// A tile of 1.4 s amortises task overhead, and what meets in a sum still fits the last-level cache. With
// many convolutions 5.5 s pay: every impulse's spectra are read from memory once a tile.
constexpr Frames kTileFrames = 65536;
constexpr Frames kConvolutionTileFrames = 262144;
constexpr int kManyConvolutions = 8;  // input channels; their spectra fill the cache from about here
constexpr std::size_t kSpectralSources = 16;

class Scheduler {
 public:
  explicit Scheduler(const Graph& graph)
      : graph_(graph), producer_(graph.nodes.size(), -1), uses_(graph.consumer_counts()) {}

  Plan run() {
    plan_.sample_rate_hz = graph_.sample_rate_hz;
    plan_.nodes = graph_.nodes;
    plan_.taps = graph_.taps;
    plan_.tile_frames =
        convolved_channels() > kManyConvolutions ? kConvolutionTileFrames : kTileFrames;
    chains_ = find_lane_chains(graph_);
    groups_ = group_chains(graph_, chains_);
    group_of_tail_.assign(graph_.nodes.size(), -1);
    for (std::size_t g = 0; g < groups_.size(); ++g)
      for (const LaneChain* chain : groups_[g]) group_of_tail_[chain->tail] = static_cast<int>(g);
    group_step_.assign(groups_.size(), -1);
    for (NodeId id : graph_.order()) require(id);
    for (const Tap& tap : plan_.taps) {
      plan_.tap_steps.push_back(producer_[tap.node]);
      plan_.latency_frames = std::max(plan_.latency_frames, graph_.nodes[tap.node].arrival_frames);
    }
    return std::move(plan_);
  }

 private:
  int convolved_channels() const {
    int channels = 0;
    for (const Node& node : graph_.nodes)
      if (node.alive && node.kind == NodeKind::process)
        if (const auto* unit = std::get_if<ConvolutionDesign>(&node.design)) channels += unit->inputs;
    return channels;
  }

  /// Makes sure that the steps which make node `id`'s signal are in the plan.
  void require(NodeId id) {
    if (producer_[id] >= 0 || absorbed_into_sum(id)) return;
    const Node& node = graph_.nodes[id];
    if (node.kind == NodeKind::sum) {
      add_sum(id);
    } else if (const int group = group_of_tail_[id]; group >= 0) {
      add_lanes(group);
    } else if (is_inside_chain(id)) {
      return;
    } else if (std::holds_alternative<ConvolutionDesign>(node.design)) {
      producer_[id] = add_inverse(id, node.channels, {{id, EdgeGain::unity(node.channels)}});
    } else {
      add_unit(id);
    }
  }

  bool is_inside_chain(NodeId id) const {
    return std::any_of(chains_.begin(), chains_.end(), [&](const LaneChain& chain) {
      return chain.source == id ||
             std::find(chain.nodes.begin(), chain.nodes.end(), id) != chain.nodes.end();
    });
  }

  /// A convolver whose only reader is a sum that takes it channel by channel adds its spectra there.
  bool absorbed_into_sum(NodeId id) const {
    const Node& node = graph_.nodes[id];
    if (node.kind != NodeKind::process || uses_[id] != 1 || graph_.is_tapped(id) ||
        !std::holds_alternative<ConvolutionDesign>(node.design))
      return false;
    for (const Node& consumer : graph_.nodes)
      if (consumer.alive)
        for (const Edge& edge : consumer.inputs)
          if (edge.from == id)
            return consumer.kind == NodeKind::sum && edge.delay_frames == 0 &&
                   edge.gain.is_static_diagonal();
    return false;
  }

  int add_step(PlanStep step, std::vector<int> depends) {
    std::sort(depends.begin(), depends.end());
    depends.erase(std::unique(depends.begin(), depends.end()), depends.end());
    plan_.steps.push_back(std::move(step));
    plan_.depends.push_back(std::move(depends));
    return static_cast<int>(plan_.steps.size()) - 1;
  }

  int producer(NodeId id) {
    require(id);
    return producer_[id];
  }

  int add_lanes(int group) {
    if (group_step_[group] >= 0) return group_step_[group];
    LaneStep step = make_lane_step(graph_, groups_[group]);
    std::vector<int> depends;
    for (const LaneStrip& strip : step.strips) {
      if (strip.input >= 0) depends.push_back(producer(strip.input));
      for (const PlanEdge& key : strip.keys)
        if (key.from >= 0) depends.push_back(producer(key.from));
    }
    const int index = add_step(std::move(step), std::move(depends));
    group_step_[group] = index;
    for (const LaneChain* chain : groups_[group]) producer_[chain->tail] = index;
    return index;
  }

  /// Spectral steps for convolver nodes that end in `target`, then the inverse.
  int add_inverse(NodeId target, int outputs,
                  const std::vector<std::pair<NodeId, EdgeGain>>& convolvers) {
    Frames longest = 1;
    for (const auto& [id, gain] : convolvers)
      longest = std::max(longest,
                         std::get<ConvolutionDesign>(graph_.nodes[id].design).length_frames());
    InverseStep inverse;
    inverse.target = target;
    inverse.outputs = outputs;
    inverse.block_frames = choose_block_frames(longest, plan_.tile_frames);
    for (std::size_t first = 0; first < convolvers.size(); first += kSpectralSources) {
      SpectralStep step;
      step.target = target;
      step.outputs = outputs;
      step.block_frames = inverse.block_frames;
      std::vector<int> depends;
      for (std::size_t i = first; i < std::min(first + kSpectralSources, convolvers.size()); ++i) {
        const Node& node = graph_.nodes[convolvers[i].first];
        std::vector<double> gains(static_cast<std::size_t>(node.channels));
        for (int c = 0; c < node.channels; ++c)
          gains[c] = convolvers[i].second.matrix[c * node.channels + c] *
                     *node.inputs[0].gain.static_scalar();
        step.sources.push_back(
            {node.inputs[0].from, std::get<ConvolutionDesign>(node.design), std::move(gains)});
        depends.push_back(producer(node.inputs[0].from));
      }
      inverse.spectral_steps.push_back(add_step(std::move(step), std::move(depends)));
    }
    std::vector<int> depends = inverse.spectral_steps;
    return add_step(std::move(inverse), std::move(depends));
  }

  void add_unit(NodeId id) {
    const Node& node = graph_.nodes[id];
    UnitStep step;
    step.node = id;
    step.input = {node.inputs[0].from, node.inputs[0].gain, 0, 0};
    const int before = producer(node.inputs[0].from);
    producer_[id] = add_step(std::move(step), {before});
  }

  void add_sum(NodeId id) {
    SumStep step;
    step.node = id;
    std::vector<int> depends;
    std::vector<std::pair<NodeId, EdgeGain>> convolvers;
    const Node& node = graph_.nodes[id];
    for (const Edge& edge : node.inputs) {
      if (absorbed_into_sum(edge.from)) {
        convolvers.push_back({edge.from, edge.gain});
        continue;
      }
      const int group = group_of_tail_[edge.from];
      if (group >= 0 && edge.delay_frames == 0) {
        depends.push_back(add_lanes(group));
      } else {
        depends.push_back(producer(edge.from));
        step.planar.push_back(
            {edge.from, edge.gain, edge.delay_frames, graph_.nodes[edge.from].arrival_frames});
      }
    }
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      if (group_step_[g] < 0) continue;
      const auto& mixes = std::get<LaneStep>(plan_.steps[group_step_[g]]).mixes;
      for (std::size_t m = 0; m < mixes.size(); ++m)
        if (mixes[m].sum == id) step.lanes.push_back({group_step_[g], static_cast<int>(m)});
    }
    if (!convolvers.empty()) {
      step.inverses.push_back(add_inverse(id, node.channels, convolvers));
      depends.push_back(step.inverses.back());
    }
    producer_[id] = add_step(std::move(step), std::move(depends));
  }

  const Graph& graph_;
  Plan plan_;
  std::vector<int> producer_;
  std::vector<int> uses_;
  std::vector<LaneChain> chains_;
  std::vector<std::vector<const LaneChain*>> groups_;
  std::vector<int> group_of_tail_, group_step_;
};

}  // namespace

Plan schedule(const Graph& graph) { return Scheduler(graph).run(); }

std::string step_name(const Plan& plan, const PlanStep& step) {
  struct Namer {
    const Plan& plan;
    std::string operator()(const LaneStep& lanes) const {
      std::string text = "lanes " + std::to_string(lanes.program.strips) + "×" +
                         std::to_string(lanes.program.channels) + "ch";
      for (const LaneOp& op : lanes.program.ops) {
        constexpr const char* kNames[] = {" eq", " compressor", " gate", " expander", " gain"};
        text += kNames[static_cast<int>(op.kind)];
      }
      return text + " (" + plan.nodes[lanes.strips[0].tail].name + " …)";
    }
    std::string operator()(const SpectralStep& s) const {
      return "spectra of " + std::to_string(s.sources.size()) + " sources into " +
             plan.nodes[s.target].name;
    }
    std::string operator()(const InverseStep& s) const {
      return "inverse into " + plan.nodes[s.target].name;
    }
    std::string operator()(const UnitStep& s) const { return plan.nodes[s.node].name; }
    std::string operator()(const SumStep& s) const { return "sum " + plan.nodes[s.node].name; }
  };
  return std::visit(Namer{plan}, step);
}

}  // namespace tutti
