// SPDX-License-Identifier: Apache-2.0
// The Broadcast Audio Extension chunk [EBU Tech 3285 version 2].
#pragma once

#include <string>
#include <vector>

#include "host/dsp/measurement.hpp"
#include "host/io/byte_builder.hpp"
#include "host/io/encode.hpp"
#include "host/io/metadata.hpp"
#include "host/io/position_map.hpp"

namespace tutti::io {

/// The body of a bext chunk for an output: version 2 with its loudness fields (0x7fff, "not used",
/// until `set_bext_loudness`), the time reference moved, one line more of coding history. A body
/// that is too short is filled with zeros. The length does not depend on the loudness.
Bytes adapt_bext(const Bytes& body, const WriteSpec& spec, const PositionMap& map);

/// Writes the five loudness fields into a body of adapt_bext.
void set_bext_loudness(std::span<std::byte> body, const Measurement& loudness);

/// Its texts under the names that FFmpeg gives them, for containers without bext.
std::vector<Tag> bext_tags(const Bytes& body);

/// The line of the coding history that says what this program wrote [EBU R 98].
std::string coding_history_line(const WriteSpec& spec);

}  // namespace tutti::io
