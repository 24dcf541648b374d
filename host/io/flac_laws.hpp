// SPDX-License-Identifier: Apache-2.0
// Which metadata blocks a FLAC header may have.
#pragma once

#include <vector>

#include "host/io/metadata.hpp"
#include "host/io/metadata_losses.hpp"

namespace tutti::io {

/// Those of `blocks` that libFLAC reads and finds legal; the others are left out and named.
std::vector<FlacBlock> lawful_blocks(std::vector<FlacBlock> blocks, const MetadataLosses& losses);

}  // namespace tutti::io
