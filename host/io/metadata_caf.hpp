// SPDX-License-Identifier: Apache-2.0
// The chunks of CAF beside format and samples [Apple, Core Audio Format specification].
#pragma once

#include <vector>

#include "host/io/metadata.hpp"
#include "host/io/metadata_losses.hpp"

namespace tutti::io {

/// The chunks of a CAF made of a file with `metadata`: copied from a CAF with markers moved, else
/// its tags in an "info" chunk. CAF has no place for pictures.
std::vector<MetadataChunk> caf_chunks(const Metadata& metadata, const WriteSpec& spec,
                                      const MetadataLosses& losses);

}  // namespace tutti::io
