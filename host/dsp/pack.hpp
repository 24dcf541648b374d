// SPDX-License-Identifier: Apache-2.0
// The last step of an output: floats to whole numbers, and these to the bytes of a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "host/audio/block_view.hpp"
#include "host/audio/stored_format.hpp"
#include "host/dsp/dither.hpp"

namespace tutti {

/// How the samples of an output are stored.
struct PackDesign {
  StoredFormat format;  ///< of one sample; floats are stored as they are
  int bits = 16;        ///< of its whole number, right-justified in the container
  DitherKind dither = DitherKind::none;
  std::uint64_t seed = 0;
  double sample_rate_hz = 48000;
};

/// Frames of all channels as a file stores them, interleaved.
struct Packed {
  std::span<const std::byte> bytes;
  Frames frames = 0;
  std::int64_t clipped_samples = 0;
};

/// Stores consecutive blocks of one output. 32 bits are rounded, not dithered: a float has no more
/// than 24.
class Packer {
 public:
  Packer(const PackDesign& design, int channels);

  /// The result lives until the next call.
  Packed process(ConstBlockView in);

 private:
  std::int64_t process_piece(ConstBlockView in, std::byte* out);

  PackDesign design_;
  std::vector<Quantiser> quantisers_;  ///< one a channel; none at 32 bits and for floats
  Frames position_ = 0;
  std::vector<std::int32_t> numbers_;  ///< of a piece
  std::vector<std::byte> bytes_;
};

/// Interleaves and stores whole numbers of `8 · format.bytes` bits. `out` has room for 4 bytes
/// more.
void pack_integers(const StoredFormat& format, BasicBlockView<const std::int32_t> in,
                   std::byte* out);

/// Interleaves and stores floats of 4 or 8 bytes.
void pack_floats(const StoredFormat& format, ConstBlockView in, std::byte* out);

}  // namespace tutti
