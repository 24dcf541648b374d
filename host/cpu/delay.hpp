// SPDX-License-Identifier: Apache-2.0
// Delay lines: the effect, and the plain one that aligns paths.
#pragma once

#include <vector>

#include "host/audio/block_view.hpp"
#include "host/audio/buffer.hpp"
#include "host/dsp/delay.hpp"

namespace tutti {

/// A DelayDesign over the channels of one stream. The ring is in double, so that a long feedback
/// does not gather float roundings. The output is the same bits however a stream is cut into calls.
class DelayUnit {
 public:
  /// 8 · channels · delay_frames bytes. A design without delay has no feedback.
  DelayUnit(const DelayDesign& design, int channels);

  /// As many frames out as in; `in` and `out` are the same view or do not overlap.
  void process(ConstBlockView in, BlockView out);
  void reset();
  /// No state is louder than −300 dBFS: silence in gives silence out. Reads the ring until the
  /// first louder value, all of it at worst.
  bool quiet() const;

 private:
  DelayDesign design_;
  int channels_;
  std::vector<double> ring_;  // [channel][position]
  Frames position_ = 0;       // of the oldest frame, which is next to leave
};

/// Delays every channel by a whole number of frames: out[n] = in[n − delay], bit for bit.
class DelayLine {
 public:
  /// 4 · channels · delay_frames bytes. Throws std::invalid_argument when a number is negative.
  DelayLine(int channels, Frames delay_frames);

  Frames delay_frames() const { return delay_frames_; }
  /// As many frames out as in; `in` and `out` are the same view or do not overlap.
  void process(ConstBlockView in, BlockView out);
  void reset();
  /// Whether all that waits in the line is below −300 dBFS.
  bool quiet() const;

 private:
  int channels_;
  Frames delay_frames_;
  std::vector<float> ring_;
  Frames position_ = 0;
};

}  // namespace tutti
