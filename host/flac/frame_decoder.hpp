// SPDX-License-Identifier: Apache-2.0
// FLAC's frames, decoded: those that an encoder without a fault writes. Whatever is unusual or
// damaged is somebody else's to judge.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/audio/block_view.hpp"
#include "host/flac/bit_reader.hpp"
#include "host/flac/frame_codes.hpp"
#include "host/flac/frame_header.hpp"
#include "host/flac/restore.hpp"

namespace tutti::flac {

/// Decodes some blocks of a stream at a time, as many as fill the lanes of `restore`.
class FrameDecoder {
 public:
  static constexpr int kMostBits = 24;

  /// Of a stream of 4 to kMostBits, of whose blocks all but the last have `block_frames`, 16 to
  /// 65535.
  FrameDecoder(const StreamFormat& format, int block_frames);

  /// Forgets the blocks that were read.
  void begin();
  /// Whether there is no room for another one, or it would be of another length than the last.
  bool full() const;
  /// Reads the frame at the beginning of `bytes`, which BitReader::kSpareBytes readable ones
  /// follow; it is the `number`th of the stream. Returns the bytes that it took; 0 if it is not
  /// there, as it should be and with the right checksums.
  std::size_t read(std::span<const std::uint8_t> bytes, std::uint64_t number);
  /// Makes samples of what was read; false if they have more bits than they should.
  bool finish();

  /// Of all blocks that were read.
  int frames() const { return frames_; }
  /// Behind `finish`; they live until the next `begin`.
  BasicBlockView<const std::int32_t> samples() const {
    return {samples_.data(), format_.channels, frames_, stride_};
  }

 private:
  std::int32_t* samples_of(std::size_t block, int channel);
  bool join_channels(std::size_t block);

  struct Subframe {
    int bits = 0;         ///< of a sample, without
    int wasted_bits = 0;  ///< which all samples lack
  };

  StreamFormat format_;
  int block_frames_;
  std::size_t most_blocks_;
  Frames stride_;
  int frames_ = 0;
  std::vector<FrameHeader> headers_;   ///< of the blocks that were read
  std::vector<RestoreLane> lanes_;     ///< the channels of a block side by side, block by block
  std::vector<Subframe> subframes_;    ///< in the same order
  std::vector<std::int32_t> samples_;  ///< a channel's blocks behind each other
  std::vector<std::int32_t> spare_;    ///< for lanes that are left
};

}  // namespace tutti::flac
