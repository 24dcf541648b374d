// SPDX-License-Identifier: Apache-2.0
// Planar float → whole numbers → stored bytes.
#pragma once

#include <vector>

#include "host/audio/block_view.hpp"
#include "host/io/encode.hpp"
#include "host/audio/stored_format.hpp"

namespace tutti::io {

/// Bits of an integer encoding; 0 for floats.
int integer_bits(Encoding encoding);

/// Quantises consecutive blocks of all channels of one output.
class BlockQuantiser {
 public:
  explicit BlockQuantiser(const WriteSpec& spec);

  /// `out.channel(c)[n]` becomes the whole number of frame n; blocks come in order. 32 bits are
  /// rounded, not dithered: a float has no more than 24.
  void process(ConstBlockView in, BasicBlockView<std::int32_t> out);

  std::int64_t clipped_samples() const { return clipped_samples_; }

 private:
  std::vector<Quantiser> quantisers_;  ///< one a channel; none at 32 bits
  Frames position_ = 0;
  std::int64_t clipped_samples_ = 0;
};

/// Interleaves and stores whole numbers of `8 · format.bytes` bits. `out` has room for 4 bytes
/// more.
void pack_integers(const StoredFormat& format, BasicBlockView<const std::int32_t> in,
                   std::byte* out);

/// Interleaves and stores floats of 4 or 8 bytes.
void pack_floats(const StoredFormat& format, ConstBlockView in, std::byte* out);

}  // namespace tutti::io
