// SPDX-License-Identifier: Apache-2.0
#include "host/engine/timeline.hpp"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <utility>

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

ConstBlockView Timeline::fresh_part(Track& track, ConstBlockView signal, const TileSignals& tile) {
  const Frames tile_start = tile.first_frame - track.lag;
  const Frames begin = std::clamp<Frames>(range_.start - tile_start, 0, tile.frames);
  const Frames count = std::clamp<Frames>(range_.latest_end - tile_start - begin, 0, tile.frames - begin);
  track.position = tile_start + tile.frames;
  if (!signal.data) return {nullptr, track.channels, count, count};
  return signal.slice(begin, count);
}

/// Moves the end of what is loud; only frames beyond it are looked at.
void Timeline::listen(Frames from, ConstBlockView part) {
  if (!part.data || range_.fixed_end) return;
  for (int c = 0; c < part.channels; ++c)
    for (Frames n = part.frames; n-- > 0 && from + n >= loud_end_;)
      if (std::abs(part.channel(c)[n]) >= range_.until_level) {
        loud_end_ = from + n + 1;
        break;
      }
}

void Timeline::give_held(std::size_t tap, Frames settled) {
  Track& track = tracks_[tap];
  while (!track.held.empty() && track.given < settled) {
    Buffer& front = track.held.front();
    const Frames count = std::min(front.frames(), settled - track.given);
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

/// Gives out what is settled, straight from the tile where nothing waits before it; holds the rest.
void Timeline::give(std::size_t tap, ConstBlockView part, Frames settled) {
  Track& track = tracks_[tap];
  give_held(tap, settled);
  if (part.frames == 0) return;
  const Frames at_once =
      part.data && track.held.empty() ? std::clamp<Frames>(settled - track.given, 0, part.frames) : 0;
  if (at_once > 0) sink_(tap, part.slice(0, at_once));
  track.given += at_once;
  if (at_once == part.frames) return;
  Buffer rest(track.channels, part.frames - at_once);
  if (part.data)
    for (int c = 0; c < track.channels; ++c)
      std::copy_n(part.channel(c) + at_once, rest.frames(), rest.channel(c));
  track.held.push_back(std::move(rest));
  give_held(tap, settled);
}

bool Timeline::accept(const TileSignals& tile) {
  std::vector<ConstBlockView> parts;
  Frames received = tile.first_frame + tile.frames;
  for (std::size_t tap = 0; tap < tracks_.size(); ++tap) {
    parts.push_back(fresh_part(tracks_[tap], tile.taps[tap], tile));
    received = std::min(received, tracks_[tap].position);
    listen(std::max(range_.start, tile.first_frame - tracks_[tap].lag), parts.back());
  }
  const Frames loud_end = std::min(loud_end_, range_.latest_end);
  const Frames settled = range_.fixed_end ? range_.latest_end : loud_end;
  const auto give_tap = [&](std::size_t tap) { give(tap, parts[tap], settled); };
  constexpr std::size_t kFewTaps = 2;  // are given sooner than another thread wakes up
  if (tracks_.size() <= kFewTaps) {
    for (std::size_t tap = 0; tap < tracks_.size(); ++tap) give_tap(tap);
  } else {
    tbb::parallel_for(std::size_t{0}, tracks_.size(), give_tap);
  }
  end_ = settled;
  position_ = received;
  const Frames enough = range_.fixed_end
                            ? range_.latest_end
                            : std::min(loud_end + range_.quiet_frames, range_.latest_end);
  return received < enough;
}

}  // namespace tutti
