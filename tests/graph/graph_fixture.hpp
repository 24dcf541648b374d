// SPDX-License-Identifier: Apache-2.0
// Graphs from session text, without files: stems are mono unless their name says "stereo".
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "host/graph/compile.hpp"
#include "host/session/parser.hpp"

namespace tutti::test {

inline Graph graph_of(const std::string& text, TapRequest request = {{}, true, false, {}}) {
  const ParseResult parsed = parse_session_text(text, "/nowhere/session.yaml");
  for (const Issue& issue : parsed.issues) ADD_FAILURE() << format_issue(issue, parsed.source);
  GraphInputs inputs;
  for (const StemSpec& stem : parsed.session.stems)
    inputs.stem_channels.push_back(stem.name.find("stereo") != std::string::npos ? 2 : 1);
  inputs.load_impulse = [](const std::string& file) {
    auto impulse = std::make_shared<Impulse>();
    impulse->file = file;
    impulse->channels = {{1.0f, 0.5f, 0.25f}, {0.9f, 0.4f, 0.2f}};
    return impulse;
  };
  return build_graph(parsed.session, inputs, request);
}

/// The graph before the pass and after it.
inline std::string text_after(Graph graph, void (*pass)(Graph&, PassNotes&)) {
  PassNotes notes;
  pass(graph, notes);
  return print_graph(graph);
}

}  // namespace tutti::test
