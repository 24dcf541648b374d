// SPDX-License-Identifier: Apache-2.0
// The session's outputs as concrete files: names filled in, presets and defaults resolved.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/engine/render.hpp"
#include "host/io/encode.hpp"

namespace tutti {

/// One file to write.
struct Delivery {
  WriteSpec write;
  std::string source;   ///< tap name: "mix", "master" or a strip
  bool mastered = false;
  std::optional<LoudnessTargetSpec> loudness;
  std::optional<LimiterSpec> limiter;  ///< its ceiling is the delivery's
};

Encoding encoding_of(SampleFormat format);

/// All files of the session that `options.only` asks for. Throws SessionError (a name in `only` that
/// fits nothing, two files of one name, a container that can not hold the format) and IoError (a file
/// exists and may not be overwritten: decided later, by the writer).
std::vector<Delivery> resolve_deliveries(const Session& session, const RenderOptions& options);

}  // namespace tutti
