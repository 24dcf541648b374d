// SPDX-License-Identifier: Apache-2.0
// The session's outputs as concrete files: names filled in, presets and defaults resolved.
#pragma once

#include <filesystem>
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
/// exists and may not be overwritten: decided later, by the writer). Warns once of an output whose
/// files few programs can decode, at its place in the session.
std::vector<Delivery> resolve_deliveries(const Session& session, const RenderOptions& options);

/// Warns ("flac_32_bit") of a file of that output that few programs can decode. `place`: of the
/// output in its session; empty: the file itself.
void warn_of_decoding(const WarningSink& warnings, const OutputSpec& output,
                      const std::filesystem::path& file, const std::string& place = "");

}  // namespace tutti
