// SPDX-License-Identifier: Apache-2.0
#include "host/graph/graph.hpp"

#include <algorithm>
#include <stdexcept>

#include "host/session/automation_target.hpp"

namespace tutti {

Frames ConvolutionDesign::length_frames() const {
  std::size_t longest = 0;
  for (const auto& impulse : impulses)
    if (impulse) longest = std::max(longest, impulse->size());
  return static_cast<Frames>(longest);
}

std::vector<NodeId> Graph::order() const {
  std::vector<int> waiting(nodes.size(), 0);
  std::vector<std::vector<NodeId>> consumers(nodes.size());
  std::vector<NodeId> result;
  std::size_t alive = 0;
  for (NodeId id = 0; id < static_cast<NodeId>(nodes.size()); ++id) {
    if (!nodes[id].alive) continue;
    ++alive;
    for (const Edge& edge : nodes[id].inputs) {
      consumers[edge.from].push_back(id);
      ++waiting[id];
    }
    if (nodes[id].inputs.empty()) result.push_back(id);
  }
  for (std::size_t next = 0; next < result.size(); ++next)
    for (NodeId consumer : consumers[result[next]])
      if (--waiting[consumer] == 0) result.push_back(consumer);
  if (result.size() != alive) throw std::logic_error("the signal graph has a cycle");
  return result;
}

std::vector<int> Graph::consumer_counts() const {
  std::vector<int> counts(nodes.size(), 0);
  for (const Node& node : nodes)
    if (node.alive)
      for (const Edge& edge : node.inputs) ++counts[edge.from];
  return counts;
}

bool Graph::is_tapped(NodeId node) const {
  return std::any_of(taps.begin(), taps.end(), [&](const Tap& tap) { return tap.node == node; });
}

namespace {

/// A moving equaliser keeps its number of sections, so that their states keep their meaning.
EqDesign moving_eq(const EqSpec& spec, double sample_rate_hz) {
  EqDesign eq;
  for (const EqBandSpec& band : spec.bands) {
    if (!band.enabled) continue;
    const auto sections = design_band(band, spec.curve, sample_rate_hz, EqQuality::automated);
    eq.sections.insert(eq.sections.end(), sections.begin(), sections.end());
  }
  return eq;
}

}  // namespace

ProcessorDesign design_at(const Node& node, Frames frame, double sample_rate_hz) {
  ProcessorSpec spec = node.insert.processor;
  for (const FieldMotion& motion : node.motions)
    if (double* field = insert_field(spec, motion.field))
      *field = automation_value(*motion.curve, frame);
  return std::visit(
      [&](const auto& unit) -> ProcessorDesign {
        using Unit = std::decay_t<decltype(unit)>;
        if constexpr (std::is_same_v<Unit, EqSpec>) {
          if (!node.motions.empty() && unit.phase == EqPhase::minimum)
            return moving_eq(unit, sample_rate_hz);
        }
        if constexpr (std::is_same_v<Unit, ConvolverSpec>)
          return node.design;
        else
          return design(unit, sample_rate_hz);
      },
      spec);
}

}  // namespace tutti
