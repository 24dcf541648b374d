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

/// One file that the session reads, as named there first.
struct InputFile {
  std::string path;   ///< resolved against the session's folder
  std::string place;  ///< "stems[3].clips[0].file"
  AudioInfo info;     ///< at its own rate
};

/// The session's audio in frames of its rate. Holds impulse responses, not stems.
struct SessionInputs {
  std::vector<StemInput> stems;
  std::map<std::string, std::shared_ptr<const Impulse>> impulses;  ///< by the name in the session
  std::vector<InputFile> files;  ///< every file that could be opened, once
  Frames end_frame = 0;          ///< after the last clip

  /// What the graph builder asks. Refers to this object.
  GraphInputs graph_inputs() const;
  /// The file of that path, or null.
  const InputFile* find_file(const std::string& path) const;
};

/// Opens everything. What is wrong is added to `issues`, with its place in the session; what was
/// tolerated goes to `warnings`.
SessionInputs open_inputs(const Session& session, const WarningSink& warnings,
                          const DecodeOptions& decoding, std::vector<Issue>& issues);

/// An issue at a place of the session.
Issue issue_at(const Session& session, const std::string& place, std::string message,
               std::string hint = {});

}  // namespace tutti
