// SPDX-License-Identifier: Apache-2.0
// A − B of two recordings, block by block.
#pragma once

#include "host/io/decode.hpp"
#include "host/report/comparison.hpp"

namespace tutti::cli {

/// Frames [first, end) of A are set against B, moved by `offset` and divided by `gain`.
struct Alignment {
  Frames first = 0, end = 0;
  Frames offset = 0;
  double gain = 1;
};

/// The g that makes b − g·a least in the mean square: Σab / Σaa; 0 when a is silent.
double least_squares_gain(AudioReader& a, AudioReader& b, const Alignment& alignment);

/// Peak, RMS and first frame of A − B / gain, into `out`, whose `channels` are set.
void measure_difference(AudioReader& a, AudioReader& b, const Alignment& alignment,
                        Comparison& out);

}  // namespace tutti::cli
