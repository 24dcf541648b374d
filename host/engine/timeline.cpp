// SPDX-License-Identifier: Apache-2.0
#include "host/engine/timeline.hpp"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>

namespace tutti {

Timeline::Timeline(const Plan& plan, TimelineRange range, Sink sink)
    : range_(range), sink_(std::move(sink)) {
  for (const Tap& tap : plan.taps) {
    Track track;
    track.lag = plan.nodes[tap.node].arrival_frames;
    track.channels = plan.nodes[tap.node].channels;
    track.given = range.start;
    tracks_.push_back(std::move(track));
  }
  loud_end_ = range.last_sound;
}

void Timeline::receive(Track& track, ConstBlockView signal, const TileSignals& tile) {
  const Frames tile_start = tile.first_frame - track.lag;
  track.position = tile_start + tile.frames;
  const Frames skip = std::max<Frames>(0, track.given - tile_start);
  const Frames begin = std::min(skip, tile.frames);
  const Frames count = std::min(tile.frames - begin, range_.latest_end - (tile_start + begin));
  if (count <= 0) return;
  Buffer piece(track.channels, count);
  if (signal.data) {
    for (int c = 0; c < track.channels; ++c)
      std::copy_n(signal.channel(c) + begin, count, piece.channel(c));
    const Frames from = tile_start + begin;
    for (int c = 0; c < track.channels && !range_.fixed_end; ++c)
      for (Frames n = count; n-- > 0 && from + n >= loud_end_;)
        if (std::abs(piece.channel(c)[n]) >= range_.until_level) {
          loud_end_ = from + n + 1;
          break;
        }
  }
  track.held.push_back(std::move(piece));
}

void Timeline::give_until(std::size_t tap, Frames frame) {
  Track& track = tracks_[tap];
  while (!track.held.empty() && track.given < frame) {
    Buffer& front = track.held.front();
    const Frames count = std::min(front.frames(), frame - track.given);
    sink_(tap, std::as_const(front).view().slice(0, count));
    track.given += count;
    if (count == front.frames()) {
      track.held.pop_front();
      continue;
    }
    Buffer rest(track.channels, front.frames() - count);
    for (int c = 0; c < track.channels; ++c)
      std::copy_n(front.channel(c) + count, rest.frames(), rest.channel(c));
    front = std::move(rest);
  }
}

bool Timeline::accept(const TileSignals& tile) {
  for (std::size_t tap = 0; tap < tracks_.size(); ++tap) receive(tracks_[tap], tile.taps[tap], tile);
  Frames received = tracks_.empty() ? tile.first_frame + tile.frames : tracks_[0].position;
  for (const Track& track : tracks_) received = std::min(received, track.position);
  const Frames settled = range_.fixed_end ? range_.latest_end : std::min(loud_end_, range_.latest_end);
  const bool done = range_.fixed_end ? received >= range_.latest_end
                                     : received >= std::min(loud_end_ + range_.quiet_frames,
                                                            range_.latest_end);
  tbb::parallel_for(std::size_t{0}, tracks_.size(),
                    [&](std::size_t tap) { give_until(tap, settled); });
  end_ = settled;
  return !done;
}

}  // namespace tutti
