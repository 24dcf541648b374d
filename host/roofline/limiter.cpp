// SPDX-License-Identifier: Apache-2.0
// Frames of rings that a launch meets before its own begin with the stream: there is nothing before
// frame 0 but zeros, which are read too.
#include "host/dsp/true_peak.hpp"

#include "host/roofline/kernels.hpp"
#include "host/roofline/true_peak_table.hpp"

namespace tutti::roofline {
namespace {

constexpr Frames kChunk = 256;
constexpr Frames kPowersBytes = (kChunk + 1) * sizeof(double);

}  // namespace

// A thread a position, channel after channel: samples and those under the filters beyond; what each
// frame needs out.
KernelCost limiter_needed_cost(const LimiterShape& s) {
  const double samples = static_cast<double>(s.channels * s.frames);
  KernelCost cost = one_launch(blocks_for(s.frames, kPeakPositions),
                               4 * s.channels * (s.frames + kTruePeakTaps - 1),
                               4 * s.streams * s.frames, {.floats = 6 * samples});
  cost.at_most_more = {.floats = (24 + kTruePeakPhases * kTruePeakTaps) * samples};
  return cost;
}

// A block a chunk: reductions of its frames and of the window before them; held and released, in
// double, for every frame of the chunks begun.
KernelCost limiter_hold_cost(const LimiterShape& s) {
  const Frames frames = s.chunks() * kChunk;
  return one_launch(s.chunks() * s.streams,
                    4 * s.streams * (frames + s.window_frames + s.hold_frames),
                    8 * s.streams * (frames + s.chunks()),
                    {.integers = 20.0 * static_cast<double>(s.streams * frames)});
}

// A block a chunk: released reductions in, triple sums of integers out.
KernelCost limiter_sum_cost(const LimiterShape& s) {
  const Frames frames = s.chunks() * kChunk;
  // Frames of the first chunk that an earlier call began are written again.
  const Frames again = s.first_frame % kChunk;
  return one_launch(s.chunks() * s.streams,
                    8 * s.streams * (frames + s.chunks() + 1) + kPowersBytes,
                    8 * s.streams * (s.frames + again + 3 * s.chunks() + 1),
                    {.doubles = 2.0 * static_cast<double>(s.streams * frames),
                     .integers = 4.0 * static_cast<double>(s.streams * frames)});
}

// One warp a stream over the chunks.
KernelCost limiter_chunks_cost(const LimiterShape& s) {
  const Frames chunks = s.whole_chunks();
  return one_launch(s.streams, 24 * s.streams * (chunks + 1), 24 * s.streams * chunks,
                    {.integers = 60.0 * static_cast<double>(s.streams * chunks)});
}

// A thread a frame: delayed lines in and out, the triple sums at eight places of the window, of
// which seven are in a cache. A gain is about 60 operations on integers, and a few in double.
KernelCost limiter_apply_cost(const LimiterShape& s) {
  const Frames lines_in = s.channels + (s.reduced_before ? 1 : 0);
  const Frames lines_out = s.channels + (s.last_stage ? 0 : 1);
  const Frames window = s.window_frames + 2;
  return one_launch(blocks_for(s.frames, kPeakPositions),
                    4 * lines_in * s.frames +
                        8 * s.streams * (s.frames + window + 3 * (s.chunks() + window / kChunk)),
                    4 * lines_out * s.frames,
                    {.doubles = static_cast<double>(s.frames * (4 * s.streams + s.channels)),
                     .integers = 60.0 * static_cast<double>(s.streams * s.frames)});
}

}  // namespace tutti::roofline
