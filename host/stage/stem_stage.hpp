// SPDX-License-Identifier: Apache-2.0
// A stem's clips assembled into one signal on the timeline.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "host/audio/buffer.hpp"
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
};

/// Reads a stem. A file is opened when its clip begins and closed when it has passed, so thousands of
/// clips cost thousands of nothing. One thread at a time.
class StemStage {
 public:
  StemStage(int channels, std::vector<StagedClip> clips);

  /// Whether a clip touches [first, first + count).
  bool sounds(Frames first, Frames count) const;
  /// Frames [first, first + out.frames) of the assembled signal; overlapping clips add; a mono clip
  /// in a wider stem goes to every channel. Throws IoError.
  void read(Frames first, BlockView out);
  /// Frame after the last clip.
  Frames end_frame() const { return end_frame_; }
  int channels() const { return channels_; }
  /// Wall time spent in `read` so far.
  double seconds() const { return seconds_; }

 private:
  struct Open {
    std::size_t clip;
    std::unique_ptr<AudioReader> reader;
  };
  AudioReader& reader_of(std::size_t clip);
  void add_clip(std::size_t clip, Frames first, BlockView out);
  void assemble(Frames first, BlockView out);

  int channels_;
  std::vector<StagedClip> clips_;  ///< sorted by position
  std::vector<Frames> latest_end_;  ///< largest end among clips_[0..i]
  std::vector<Open> open_;
  Buffer scratch_;
  Frames end_frame_ = 0;
  double seconds_ = 0;
};

}  // namespace tutti
