// SPDX-License-Identifier: Apache-2.0
// Paths that meet are delayed to the latest of them: an impulse at N leaves at N on every tap, because
// a tap knows by how much its signal lags and the engine drops that many frames.
#include <algorithm>

#include "host/graph/compile.hpp"

namespace tutti {

void align_latency(Graph& graph, PassNotes& notes) {
  int delayed = 0;
  for (NodeId id : graph.order()) {
    Node& node = graph.nodes[id];
    Frames latest = 0;
    for (const Edge& edge : node.inputs)
      latest = std::max(latest, graph.nodes[edge.from].arrival_frames);
    for (Edge& edge : node.inputs) {
      edge.delay_frames = latest - graph.nodes[edge.from].arrival_frames;
      delayed += edge.delay_frames > 0;
    }
    node.arrival_frames = latest + (node.kind == NodeKind::process ? node.latency_frames : 0);
  }
  if (delayed > 0) notes.push_back(std::to_string(delayed) + " connections delayed");
}

}  // namespace tutti
