// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "host/graph/compile.hpp"

namespace tutti {
namespace {

std::string describe(const EdgeGain& gain) {
  std::string text;
  if (const auto scalar = gain.static_scalar()) {
    text = fmt::format("×{:.4g}", *scalar);
  } else {
    text = "[";
    for (std::size_t i = 0; i < gain.matrix.size(); ++i)
      text += fmt::format("{}{:.4g}", i ? " " : "", gain.matrix[i]);
    text += "]";
  }
  if (!gain.levels.empty()) text += " ~level";
  if (!gain.shares.empty()) text += " ~share";
  if (!gain.mutes.empty()) text += " ~mute";
  if (gain.pan) text += " ~pan";
  return text;
}

std::string describe(const Node& node) {
  if (node.kind == NodeKind::source) return "source";
  if (node.kind == NodeKind::sum) return "sum";
  std::string text = processor_key(node.insert.processor);
  if (const auto* eq = std::get_if<EqDesign>(&node.design))
    text = fmt::format("eq {} sections", eq->sections.size());
  if (const auto* unit = std::get_if<ConvolutionDesign>(&node.design))
    text = fmt::format("convolution {}→{} {} frames ({})", unit->inputs, unit->outputs,
                       unit->length_frames(), unit->label);
  if (!node.motions.empty()) text += " ~automated";
  return text;
}

}  // namespace

std::string print_graph(const Graph& graph) {
  std::string text;
  for (NodeId id : graph.order()) {
    const Node& node = graph.nodes[id];
    text += fmt::format("{:>4}  {}ch  {}: {}", id, node.channels, node.name, describe(node));
    if (node.arrival_frames) text += fmt::format("  +{} frames", node.arrival_frames);
    for (const Edge& edge : node.inputs) {
      text += fmt::format("  ← {} {}", edge.from, describe(edge.gain));
      if (edge.delay_frames) text += fmt::format(" delay {}", edge.delay_frames);
    }
    text += '\n';
  }
  for (const Tap& tap : graph.taps) text += fmt::format("tap {} ← {}\n", tap.name, tap.node);
  return text;
}

}  // namespace tutti
