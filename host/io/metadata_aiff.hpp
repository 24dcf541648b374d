// SPDX-License-Identifier: Apache-2.0
// The chunks of AIFF and AIFF-C beside format and samples [Apple, AIFF 1.3].
#pragma once

#include <vector>

#include "host/io/metadata.hpp"
#include "host/io/metadata_losses.hpp"

namespace tutti::io {

/// The chunks of an AIFF made of a file with `metadata`: copied from an AIFF with markers moved,
/// built from tags and pictures otherwise (NAME, AUTH, an "ID3 " chunk).
std::vector<MetadataChunk> aiff_chunks(const Metadata& metadata, const WriteSpec& spec,
                                       const MetadataLosses& losses);

}  // namespace tutti::io
