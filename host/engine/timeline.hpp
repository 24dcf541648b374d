// SPDX-License-Identifier: Apache-2.0
// From tiles that lag to signals that lie on the timeline, cut to the render's range and its tail.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "host/engine/execute.hpp"

namespace tutti {

struct TimelineRange {
  Frames start = 0;        ///< first frame that is kept
  Frames last_sound = 0;   ///< the range never ends before this
  Frames latest_end = 0;   ///< and never after this
  double until_level = 0;  ///< linear: the tail ends when every tap stays below it …
  Frames quiet_frames = 0; ///< … for this long
  bool fixed_end = false;  ///< the end is `latest_end`, whatever sounds
};

/// Takes tiles, gives each tap's frames [start, end) to its sink, in order and exactly once. All taps
/// end at the same frame; what might turn out to be beyond it is held back.
class Timeline {
 public:
  using Sink = std::function<void(std::size_t tap, ConstBlockView block)>;

  Timeline(const Plan& plan, TimelineRange range, Sink sink);

  /// False once the end is known and everything has been given out.
  bool accept(const TileSignals& tile);
  /// The frame at which all taps ended, absolute.
  Frames end_frame() const { return end_; }
  /// The frame up to which all taps have come in.
  Frames position() const { return position_; }

 private:
  struct Track {
    Frames lag = 0;
    int channels = 0;
    Frames position = 0;       ///< timeline frame after the last one received
    Frames given = 0;          ///< timeline frame after the last one given out
    std::deque<Buffer> held;   ///< from `given` on, what may be beyond the end
  };
  /// The part of the tile that is new to the track and inside the range.
  ConstBlockView fresh_part(Track& track, ConstBlockView signal, const TileSignals& tile);
  void listen(Frames from, ConstBlockView part);
  void give(std::size_t tap, ConstBlockView part, Frames settled);
  void give_held(std::size_t tap, Frames settled);

  TimelineRange range_;
  Sink sink_;
  std::deque<Track> tracks_;  ///< Track moves may throw: no vector
  Frames loud_end_ = 0;  ///< frame after the last one at or above the level, over all taps
  Frames end_ = 0;
  Frames position_ = 0;
};

}  // namespace tutti
