// SPDX-License-Identifier: Apache-2.0
// The metadata of an uncompressed output, as the bytes around its samples.
#pragma once

#include <vector>

#include "host/dsp/measurement.hpp"
#include "host/io/pcm_containers.hpp"

namespace tutti::io {

/// Chunks with headers and padding, ready to be written. Their sizes stay what they are.
struct ContainerChunks {
  Bytes before;  ///< between the format and the samples
  Bytes after;   ///< behind the samples and their padding

  /// Writes the loudness into every bext chunk.
  void set_loudness(const Measurement& loudness);

  std::vector<std::size_t> bext_before;  ///< where bodies of bext begin in `before`
  std::vector<std::size_t> bext_after;   ///< and in `after`
};

/// What `spec.metadata` comes to in that container; says what it can not hold. Throws IoError where
/// the sizes of the output can not be said any more.
ContainerChunks container_chunks(PcmContainer container, const WriteSpec& spec);

}  // namespace tutti::io
