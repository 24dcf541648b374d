// SPDX-License-Identifier: Apache-2.0
// How long the partitions of a convolution should be.
#pragma once

#include "host/audio/units.hpp"

namespace tutti {

/// The cheapest block length for an impulse response in tiles of `tile_frames`: a power of two in
/// 256 … 131,072 that divides the tile. Throws std::invalid_argument if the tile is not a multiple
/// of 256 frames.
Frames choose_block_frames(Frames impulse_frames, Frames tile_frames);

/// The model behind it: cost of one source frame through a stereo impulse response, in nanoseconds
/// on one core of the machine of the constants. Only ratios matter.
double convolution_cost_ns(Frames block_frames, Frames impulse_frames, Frames tile_frames);

}  // namespace tutti
