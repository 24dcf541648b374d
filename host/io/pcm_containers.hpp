// SPDX-License-Identifier: Apache-2.0
// Headers of uncompressed files that this program writes.
#pragma once

#include <cstddef>
#include <vector>

#include "host/audio/stored_format.hpp"
#include "host/io/encode.hpp"

namespace tutti::io {

enum class PcmContainer { wave, wave64, aiff, caf };

/// How an encoding is stored in a container: WAV keeps 8 bits unsigned, AIFF is big-endian.
StoredFormat stored_format(PcmContainer container, Encoding encoding);

struct ContainerChunks;

/// Everything before the first sample, for a file of `frames` with `chunks` around them. Its length
/// does not depend on `frames` but on `spec.expected_frames`: a WAV that may pass 4 GiB reserves
/// room for the ds64 chunk of RF64 (EBU Tech 3306). Throws IoError when the container can not hold
/// that many frames.
std::vector<std::byte> pcm_header(PcmContainer container, const WriteSpec& spec, Frames frames,
                                  const ContainerChunks& chunks);
std::vector<std::byte> pcm_header(PcmContainer container, const WriteSpec& spec, Frames frames);

/// How many zero bytes follow the last sample.
std::size_t pcm_padding_bytes(PcmContainer container, std::int64_t data_bytes);

}  // namespace tutti::io
