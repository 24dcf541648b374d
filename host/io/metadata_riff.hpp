// SPDX-License-Identifier: Apache-2.0
// The chunks of WAV and its relatives: which are kept, and what a new rate or a trim does to them.
#pragma once

#include <vector>

#include "host/io/metadata.hpp"
#include "host/io/metadata_losses.hpp"
#include "host/io/position_map.hpp"

namespace tutti::io {

/// The chunks of a WAV made of a file with `metadata`, in order: copied from a relative, built from
/// tags and pictures otherwise (a list "INFO" and an "id3 " chunk).
std::vector<MetadataChunk> riff_chunks(const Metadata& metadata, const WriteSpec& spec,
                                       const MetadataLosses& losses);

}  // namespace tutti::io
