// SPDX-License-Identifier: Apache-2.0
// Blocks as libFLAC's encoder wants them.
#pragma once

#include <FLAC/metadata.h>

#include <memory>
#include <vector>

#include "host/io/metadata.hpp"
#include "host/io/metadata_losses.hpp"

namespace tutti::io {

struct DeleteFlacObject {
  void operator()(FLAC__StreamMetadata* block) const { FLAC__metadata_object_delete(block); }
};
using FlacObject = std::unique_ptr<FLAC__StreamMetadata, DeleteFlacObject>;

/// libFLAC itself takes the blocks apart. What its encoder would refuse is left out and named.
std::vector<FlacObject> flac_objects(const std::vector<FlacBlock>& blocks,
                                     const MetadataLosses& losses);

}  // namespace tutti::io
