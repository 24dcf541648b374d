// SPDX-License-Identifier: Apache-2.0
// eq → eq ⇒ eq of all sections; eq → convolver, convolver → eq, delay → convolver, … ⇒ one
// convolver of the folded impulse, computed in double. A lone minimum-phase eq stays recursive: five
// operations a section cost less than a transform.
#include "host/graph/compile.hpp"
#include "host/graph/convolution.hpp"

namespace tutti {
namespace {

bool is_time_invariant(const Node& node) {
  return node.kind == NodeKind::process && node.motions.empty();
}

const EqDesign* plain_eq(const Node& node) {
  return node.insert.mix == 1.0 ? std::get_if<EqDesign>(&node.design) : nullptr;
}

const DelayDesign* plain_delay(const Node& node) {
  const auto* delay = std::get_if<DelayDesign>(&node.design);
  return delay && delay->feedback == 0.0 && node.insert.mix == 1.0 ? delay : nullptr;
}

/// The node alone as a convolution, if it can be one.
std::optional<ConvolutionDesign> as_convolution(const Node& node) {
  if (const auto* unit = std::get_if<ConvolutionDesign>(&node.design)) return *unit;
  ConvolutionDesign identity = identity_convolution(node.channels);
  if (const EqDesign* eq = plain_eq(node)) {
    identity.label = "eq";
    return fold_eq(identity, *eq);
  }
  if (const DelayDesign* delay = plain_delay(node)) {
    identity.label = "delay";
    return fold_delay(identity, *delay);
  }
  return std::nullopt;
}

/// `second` behind `first` as one design; none if they do not fold.
std::optional<ProcessorDesign> fold_pair(const Node& first, const Node& second, double between) {
  const EqDesign* eq_a = plain_eq(first);
  const EqDesign* eq_b = plain_eq(second);
  if (eq_a && eq_b) {
    EqDesign both = *eq_a;
    both.sections.insert(both.sections.end(), eq_b->sections.begin(), eq_b->sections.end());
    if (between != 1.0) both.sections.push_back({between, 0, 0, 0, 0});
    return both;
  }
  if (!std::holds_alternative<ConvolutionDesign>(first.design) &&
      !std::holds_alternative<ConvolutionDesign>(second.design))
    return std::nullopt;
  const auto unit_a = as_convolution(first);
  if (!unit_a) return std::nullopt;
  const ConvolutionDesign scaled =
      fold_gain(*unit_a, std::vector<double>(static_cast<std::size_t>(unit_a->outputs), between));
  if (eq_b) {
    ConvolutionDesign folded = fold_eq(scaled, *eq_b);
    folded.label += " → eq";
    return folded;
  }
  if (const DelayDesign* delay = plain_delay(second)) {
    ConvolutionDesign folded = fold_delay(scaled, *delay);
    folded.label += " → delay";
    return folded;
  }
  const auto unit_b = as_convolution(second);
  if (!unit_b) return std::nullopt;
  return fold_series(scaled, *unit_b);
}

}  // namespace

void fold_linear(Graph& graph, PassNotes& notes) {
  for (NodeId id : graph.order()) {
    Node& second = graph.nodes[id];
    if (!is_time_invariant(second) || second.inputs.size() != 1) continue;
    // After folding, what stood before `first` may fold as well: `second` takes its place.
    while (true) {
      const NodeId before = second.inputs[0].from;
      Node& first = graph.nodes[before];
      const auto between = second.inputs[0].gain.static_scalar();
      if (!is_time_invariant(first) || first.inputs.size() != 1 || !between ||
          graph.is_tapped(before) || graph.consumer_counts()[before] != 1)
        break;
      auto folded = fold_pair(first, second, *between);
      if (!folded) break;
      notes.push_back(first.name + " folded into " + second.name);
      second.design = std::move(*folded);
      second.latency_frames += first.latency_frames;
      second.inputs[0] = first.inputs[0];
      first.alive = false;
    }
  }
}

}  // namespace tutti
