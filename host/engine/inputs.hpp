// SPDX-License-Identifier: Apache-2.0
// Every file a session names, opened once and understood.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/audio/errors.hpp"
#include "host/graph/graph.hpp"
#include "host/session/issues.hpp"
#include "host/stage/stem_stage.hpp"

namespace tutti {

struct StemInput {
  int channels = 1;
  std::vector<StagedClip> clips;
  Frames end_frame = 0;
};

/// The session's audio in frames of its rate. Holds impulse responses, not stems.
struct SessionInputs {
  std::vector<StemInput> stems;
  std::map<std::string, std::shared_ptr<const Impulse>> impulses;  ///< by the name in the session
  std::vector<std::string> files;  ///< every input path, absolute, once
  Frames end_frame = 0;            ///< after the last clip

  /// What the graph builder asks. Refers to this object.
  GraphInputs graph_inputs() const;
};

/// Opens everything. What is wrong is added to `issues`, with its place in the session; what was
/// tolerated goes to `warnings`.
SessionInputs open_inputs(const Session& session, const WarningSink& warnings,
                          std::vector<Issue>& issues);

}  // namespace tutti
