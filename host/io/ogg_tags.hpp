// SPDX-License-Identifier: Apache-2.0
// Comments and pictures of Ogg Vorbis, Opus and FLAC, through TagLib.
#pragma once

#include "host/io/metadata_losses.hpp"
#include "host/io/output_file.hpp"

namespace tutti::io {

/// Puts the tags and pictures of `spec.metadata` into an Ogg file that the encoder has closed. The
/// encoder's own comments stay.
void write_ogg_tags(OutputFile& file, const WriteSpec& spec);

}  // namespace tutti::io
