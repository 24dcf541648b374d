// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/kernels.hpp"
#include "host/roofline/lane_unit.hpp"

namespace tutti::roofline {
namespace {

// Of a stretch's record of 48 bytes the rest is padding.
constexpr Frames kStretchBytes = 44, kFilterBytes = 592, kStateBytes = 16, kSections = 2;

}  // namespace

// Both channels in and out, a thread a frame.
KernelCost stereo_gains_cost(Frames frames, Frames stretches, bool read) {
  return one_launch(blocks_for(frames, 256), (read ? 8 * frames : 0) + kStretchBytes * stretches,
                    8 * frames, {.doubles = 12.0 * static_cast<double>(frames)});
}

// A block a whole chunk: both channels in, the side's states out. Two sections, each run from rest
// and then from the state where it starts, joined over the warps.
KernelCost stereo_ends_cost(Frames chunks, Frames stretches, bool read) {
  const Frames frames = chunks * kChunkFrames;
  return one_launch(chunks, (read ? 8 * frames : 0) + kStretchBytes * stretches + kFilterBytes,
                    chunks * kSections * kStateBytes,
                    {.doubles = 33.0 * static_cast<double>(frames)});
}

// A block a chunk: the same again from the true states, then mid and side meet.
KernelCost stereo_filter_cost(Frames frames, Frames whole_chunks, Frames stretches, bool read) {
  return one_launch(whole(frames, kChunkFrames),
                    (read ? 8 * frames : 0) + kStretchBytes * stretches + kFilterBytes +
                        kStateBytes * kSections * (whole_chunks + 1),
                    8 * frames + kStateBytes * kSections,
                    {.doubles = 42.0 * static_cast<double>(frames)});
}

}  // namespace tutti::roofline
