// SPDX-License-Identifier: Apache-2.0
// What feeds the lanes: a stem on its timeline, assembled on the host or handed over as it is stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/audio/block_view.hpp"
#include "host/audio/stored_format.hpp"
#include "host/dsp/fade.hpp"

namespace tutti {

/// A stretch of one clip as its file stores it, or decoded where it is compressed.
struct StemPiece {
  std::size_t clip = 0;      ///< index, for read_piece
  Frames at = 0;             ///< first frame, counted from the start of the span that was asked for
  Frames frames = 0;
  StoredFormat format;       ///< of the bytes that read_piece gives
  int channels = 1;          ///< of the file; a mono file goes to every channel of the stem
  bool planar = false;       ///< channel after channel (`frames` samples each), else interleaved
  Frames file_frame = 0;     ///< first frame in the file
  std::uint64_t identity = 0;  ///< equal: the same bytes at the same file_frame; 0: not known

  Frames clip_frame = 0;     ///< of the piece's first frame within its clip
  Frames clip_length = 0;
  double gain = 1;
  Frames fade_in = 0, fade_out = 0;
  FadeShape fade_in_shape = FadeShape::linear, fade_out_shape = FadeShape::linear;

  std::size_t bytes() const {
    return static_cast<std::size_t>(frames) * static_cast<std::size_t>(channels) *
           static_cast<std::size_t>(format.bytes);
  }
};

/// A stem's clips on the timeline. One thread at a time.
class StemSource {
 public:
  virtual ~StemSource() = default;
  virtual int channels() const = 0;
  /// Whether a clip touches [first, first + count).
  virtual bool sounds(Frames first, Frames count) const = 0;
  /// Frames [first, first + out.frames), assembled: gains and fades applied, overlapping clips added.
  /// Throws IoError.
  virtual void read(Frames first, BlockView out) = 0;
  /// The clips that touch a span, in the order in which they are added. Opens files. Throws IoError.
  virtual std::vector<StemPiece> pieces(Frames first, Frames count) = 0;
  /// The samples of one of these: piece.bytes() bytes, floats checked to be finite. Throws IoError.
  virtual void read_piece(const StemPiece& piece, std::byte* to) = 0;
};

}  // namespace tutti
