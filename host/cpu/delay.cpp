// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/delay.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>

#include "host/cpu/denormals.hpp"
#include "host/cpu/lane_unit.hpp"

namespace tutti {
namespace {

std::size_t ring_size(int channels, Frames delay_frames) {
  if (channels < 0 || delay_frames < 0)
    throw std::invalid_argument("a delay line has no negative length");
  return static_cast<std::size_t>(channels) * static_cast<std::size_t>(delay_frames);
}

template <typename Sample>
bool all_quiet(const std::vector<Sample>& ring) {
  return std::all_of(ring.begin(), ring.end(),
                     [](Sample x) { return std::abs(x) < kQuietAmplitude; });
}

// Calls run(channel, frame, position, count) for the stretches of a block that do not cross the
// ring's end; returns the position after the block.
template <typename Run>
Frames walk_ring(int channels, Frames frames, Frames size, Frames position, Run run) {
  for (int c = 0; c < channels; ++c) {
    Frames at = position;
    for (Frames n = 0; n < frames;) {
      const Frames count = std::min(frames - n, size - at);
      run(c, n, c * size + at, count);
      n += count;
      at = at + count == size ? 0 : at + count;
    }
  }
  return (position + frames) % size;
}

// Within a stretch every ring place is read and written once: frames do not depend on each other.
void delay_stretch(const DelayDesign& d, const float* in, float* out, double* ring, Frames count) {
#pragma GCC ivdep
  for (Frames i = 0; i < count; ++i) {
    const double x = in[i], delayed = ring[i];
    ring[i] = delay_store(d, x, delayed);
    out[i] = delay_output(d, x, delayed);
  }
}

void swap_stretch(const float* in, float* out, float* ring, Frames count) {
#pragma GCC ivdep
  for (Frames i = 0; i < count; ++i) {
    const float delayed = ring[i];
    ring[i] = in[i];
    out[i] = delayed;
  }
}

}  // namespace

DelayUnit::DelayUnit(const DelayDesign& design, int channels)
    : design_(design), channels_(channels), ring_(ring_size(channels, design.delay_frames)) {}

void DelayUnit::process(ConstBlockView in, BlockView out) {
  const ScopedFlushDenormals flush;
  if (design_.delay_frames == 0) {
    const double gain = design_.dry + design_.wet;
    for (int c = 0; c < channels_; ++c)
      for (Frames n = 0; n < in.frames; ++n)
        out.channel(c)[n] = static_cast<float>(gain * in.channel(c)[n]);
    return;
  }
  position_ = walk_ring(channels_, in.frames, design_.delay_frames, position_,
                        [&](int c, Frames n, Frames at, Frames count) {
                          delay_stretch(design_, in.channel(c) + n, out.channel(c) + n,
                                        ring_.data() + at, count);
                        });
}

void DelayUnit::reset() {
  std::fill(ring_.begin(), ring_.end(), 0.0);
  position_ = 0;
}

bool DelayUnit::quiet() const { return all_quiet(ring_); }

DelayLine::DelayLine(int channels, Frames delay_frames)
    : channels_(channels), delay_frames_(delay_frames), ring_(ring_size(channels, delay_frames)) {}

void DelayLine::process(ConstBlockView in, BlockView out) {
  if (delay_frames_ == 0) {
    for (int c = 0; c < channels_; ++c)
      if (in.channel(c) != out.channel(c)) std::copy_n(in.channel(c), in.frames, out.channel(c));
    return;
  }
  position_ =
      walk_ring(channels_, in.frames, delay_frames_, position_,
                [&](int c, Frames n, Frames at, Frames count) {
                  swap_stretch(in.channel(c) + n, out.channel(c) + n, ring_.data() + at, count);
                });
}

void DelayLine::reset() {
  std::fill(ring_.begin(), ring_.end(), 0.0f);
  position_ = 0;
}

bool DelayLine::quiet() const { return all_quiet(ring_); }

}  // namespace tutti
