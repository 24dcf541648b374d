// SPDX-License-Identifier: Apache-2.0
// A stem's clips assembled into one signal on the timeline.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "host/audio/buffer.hpp"
#include "host/backend/stem_source.hpp"
#include "host/dsp/fade.hpp"
#include "host/io/decode.hpp"

namespace tutti {

/// One clip in frames of the session's rate.
struct StagedClip {
  std::function<std::unique_ptr<AudioReader>()> open;  ///< called when the clip is first heard
  Frames at = 0;      ///< first frame on the timeline
  Frames from = 0;    ///< first frame in the file
  Frames length = 0;  ///< frames heard
  double gain = 1;
  Frames fade_in = 0, fade_out = 0;
  FadeShape fade_in_shape = FadeShape::linear, fade_out_shape = FadeShape::linear;
  std::uint64_t identity = 0;  ///< of the file's content at the session's rate; 0: not known
};

/// Reads a stem. A file is opened when its clip begins and closed when it has passed, so thousands of
/// clips cost thousands of nothing. One thread at a time.
class StemStage : public StemSource {
 public:
  StemStage(int channels, std::vector<StagedClip> clips);

  int channels() const override { return channels_; }
  bool sounds(Frames first, Frames count) const override;
  void read(Frames first, BlockView out) override;
  std::vector<StemPiece> pieces(Frames first, Frames count) override;
  void read_piece(const StemPiece& piece, std::byte* to) override;
  /// Frame after the last clip.
  Frames end_frame() const { return end_frame_; }
  /// Wall time spent in reading so far.
  double seconds() const { return seconds_; }

 private:
  struct Open {
    std::size_t clip;
    std::unique_ptr<AudioReader> reader;
  };
  AudioReader& reader_of(std::size_t clip);
  void add_clip(std::size_t clip, Frames first, BlockView out);
  void assemble(Frames first, BlockView out);
  /// Clips that touch the span, in order; closes what has passed.
  std::vector<std::size_t> touching_clips(Frames first, Frames count);

  int channels_;
  std::vector<StagedClip> clips_;  ///< sorted by position
  std::vector<Frames> latest_end_;  ///< largest end among clips_[0..i]
  std::vector<Open> open_;
  Buffer scratch_;
  Frames end_frame_ = 0;
  double seconds_ = 0;
};

}  // namespace tutti
