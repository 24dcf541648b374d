// SPDX-License-Identifier: Apache-2.0
#include "cli/difference.hpp"

#include <algorithm>
#include <cmath>

#include "cli/signals.hpp"
#include "host/audio/buffer.hpp"

namespace tutti::cli {
namespace {

constexpr Frames kBlockFrames = 16384;

// Calls visit(frame of A, block of A, block of B) over the range.
template <typename Visit>
void visit_pairs(AudioReader& a, AudioReader& b, const Alignment& alignment, const Visit& visit) {
  Buffer block_a(a.info().channels, kBlockFrames), block_b(a.info().channels, kBlockFrames);
  for (Frames first = alignment.first; first < alignment.end; first += kBlockFrames) {
    throw_if_stopped();
    const Frames count = std::min(kBlockFrames, alignment.end - first);
    const BlockView view_a = block_a.view().slice(0, count),
                    view_b = block_b.view().slice(0, count);
    a.read(first, view_a);
    b.read(first + alignment.offset, view_b);
    visit(first, ConstBlockView(view_a), ConstBlockView(view_b));
  }
}

}  // namespace

double least_squares_gain(AudioReader& a, AudioReader& b, const Alignment& alignment) {
  double products = 0, squares = 0;
  visit_pairs(a, b, alignment, [&](Frames, ConstBlockView block_a, ConstBlockView block_b) {
    for (int c = 0; c < block_a.channels; ++c)
      for (Frames n = 0; n < block_a.frames; ++n) {
        const double x = block_a.channel(c)[n];
        products += x * block_b.channel(c)[n];
        squares += x * x;
      }
  });
  return squares > 0 ? products / squares : 0;
}

void measure_difference(AudioReader& a, AudioReader& b, const Alignment& alignment,
                        Comparison& out) {
  double peak = 0, squares = 0;
  visit_pairs(a, b, alignment, [&](Frames first, ConstBlockView block_a, ConstBlockView block_b) {
    Frames earliest = block_a.frames;
    for (int c = 0; c < block_a.channels; ++c) {
      for (Frames n = 0; n < block_a.frames; ++n) {
        const double difference = block_a.channel(c)[n] - block_b.channel(c)[n] / alignment.gain;
        if (difference == 0) continue;
        peak = std::max(peak, std::abs(difference));
        squares += difference * difference;
        earliest = std::min(earliest, n);
      }
    }
    if (earliest < block_a.frames && !out.first_difference_frame)
      out.first_difference_frame = first + earliest;
  });
  out.compared_frames = alignment.end - alignment.first;
  const double samples = static_cast<double>(out.compared_frames) * out.channels;
  if (peak > 0) out.peak_difference_dbfs = linear_to_db(peak);
  if (squares > 0) out.rms_difference_dbfs = power_to_db(squares / samples);
}

}  // namespace tutti::cli
