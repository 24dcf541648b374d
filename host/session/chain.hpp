// SPDX-License-Identifier: Apache-2.0
// A mastering chain: what a session says of its master and of its outputs, for any finished mix.
//
//   tutti_chain: 1
//   master: {inserts: […], loudness: {…}, limiter: {…}, trim: {…}, fade_in: {…}, fade_out: {…}}
//   outputs: [{file: "{name}.flac", bit_depth: 16, sample_rate_hz: 44100, dither: shaped}]
//
// `{name}` is the input's place and name without its extension. Without outputs, one file is made in
// the input's container.
#pragma once

#include <filesystem>
#include <string>

#include "host/session/parser.hpp"

namespace tutti {

/// Reads a chain file; `session` has a master and outputs, no stems. As parse_session_file.
ParseResult parse_chain_file(const std::filesystem::path& path);
ParseResult parse_chain_text(const std::string& text, const std::filesystem::path& path);

/// What is wrong with a chain whatever it is used on: units, outputs, presets. Issues name the
/// chain's own places.
std::vector<Issue> validate_chain(const Session& chain);

}  // namespace tutti
