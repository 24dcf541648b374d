// SPDX-License-Identifier: Apache-2.0
#include "host/graph/compile.hpp"

#include <algorithm>
#include <stdexcept>

namespace tutti {
namespace {

struct Pass {
  const char* name;
  void (*run)(Graph&, PassNotes&);
  bool optional;
};

constexpr Pass kPasses[] = {
    {"remove_dead", remove_dead, true},        // what no output hears is never read
    {"fold_gains", fold_gains, true},          // gain(a) → gain(b) ⇒ gain(b·a)
    {"fold_linear", fold_linear, true},        // eq → convolver ⇒ convolver of the equalised impulse
    {"share_impulses", share_impulses, true},  // equal impulses are one impulse
    {"sum_first", sum_first, true},            // Σ conv(h, xᵢ) ⇒ conv(h, Σ xᵢ)
    {"align_latency", align_latency, false},   // an impulse at N leaves at N
};

int count_nodes(const Graph& graph) {
  return static_cast<int>(std::count_if(graph.nodes.begin(), graph.nodes.end(),
                                        [](const Node& node) { return node.alive; }));
}

int count_edges(const Graph& graph) {
  std::size_t edges = 0;
  for (const Node& node : graph.nodes)
    if (node.alive) edges += node.inputs.size();
  return static_cast<int>(edges);
}

}  // namespace

std::vector<std::string> pass_names() {
  std::vector<std::string> names;
  for (const Pass& pass : kPasses) names.emplace_back(pass.name);
  return names;
}

std::vector<PassRecord> compile(Graph& graph, const std::vector<std::string>& disabled) {
  const std::vector<std::string> known = pass_names();
  for (const std::string& name : disabled)
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw std::invalid_argument("there is no graph pass named " + name);
  std::vector<PassRecord> records;
  for (const Pass& pass : kPasses) {
    PassRecord record;
    record.name = pass.name;
    record.nodes_before = count_nodes(graph);
    record.edges_before = count_edges(graph);
    record.enabled =
        !pass.optional || std::find(disabled.begin(), disabled.end(), pass.name) == disabled.end();
    if (record.enabled) pass.run(graph, record.notes);
    record.nodes_after = count_nodes(graph);
    record.edges_after = count_edges(graph);
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace tutti
