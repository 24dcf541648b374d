// SPDX-License-Identifier: Apache-2.0
// The ordered, switchable list of rewrites between a session's graph and its plan.
#pragma once

#include <string>
#include <vector>

#include "host/graph/graph.hpp"

namespace tutti {

/// What one pass did.
struct PassRecord {
  std::string name;
  int nodes_before = 0, nodes_after = 0;
  int edges_before = 0, edges_after = 0;
  bool enabled = true;
  std::vector<std::string> notes;  ///< one line per rewrite, for a reader
};

using PassNotes = std::vector<std::string>;

// Each pass rewrites in place and keeps the meaning of every tap. One file each in passes/.
void remove_dead(Graph& graph, PassNotes& notes);
void fold_gains(Graph& graph, PassNotes& notes);
void fold_linear(Graph& graph, PassNotes& notes);
void share_impulses(Graph& graph, PassNotes& notes);
void sum_first(Graph& graph, PassNotes& notes);
void align_latency(Graph& graph, PassNotes& notes);

/// Names of the passes, in order.
std::vector<std::string> pass_names();

/// Runs all passes but the disabled ones (`align_latency` is part of the meaning and always runs).
/// Throws std::invalid_argument for an unknown name.
std::vector<PassRecord> compile(Graph& graph, const std::vector<std::string>& disabled);

/// The graph as text: one line a node, inputs with their gains; stable, made for tests and readers.
std::string print_graph(const Graph& graph);

}  // namespace tutti
