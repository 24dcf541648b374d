// SPDX-License-Identifier: Apache-2.0
// Cascades of second-order sections over the lanes of a group, exact to the rounding of double.
#pragma once

#include <cuda_runtime.h>

#include "host/dsp/biquad_map.hpp"
#include "kernels/runtime/device_span.hpp"

namespace tutti::cuda {

/// A block works on kScanFrames frames at a time, each thread on a run of this many.
inline constexpr int kBiquadRunFrames = 16;
/// Sections that a cascade may have: their states lie in the shared memory of a block.
inline constexpr int kMostBiquadSections = 512;

/// What runs of frames without input do to the state of one section that stands still.
struct BiquadMaps {
  BiquadMap doubled[5];  ///< 2^j runs
  BiquadMap before[32];  ///< i runs
  BiquadMap warp;        ///< 32 runs
};

/// The cascades of a group, in device memory.
struct BiquadBank {
  int channels = 1;                        ///< of a strip; lane = strip · channels + channel
  int capacity = 1;                        ///< sections that a strip has room for
  DeviceSpan<const int> sections;          ///< [strip]
  DeviceSpan<const float> mixes;           ///< [strip]
  DeviceSpan<const BiquadDesign> designs;  ///< [strip][capacity]
  DeviceSpan<const BiquadMaps> maps;       ///< [strip][capacity], by map_sections
  DeviceSpan<BiquadState> states;          ///< [lane][capacity]
};

/// Sets maps[strip][0 … capacity) of the strips listed.
void map_sections(cudaStream_t stream, DeviceSpan<const int> strips, int capacity,
                  DeviceSpan<const BiquadDesign> designs, DeviceSpan<BiquadMaps> maps);

/// Filters all lanes of the strips listed in place, in double from the first section to the last,
/// and blends with the mix. Any number of frames; chunks of kScanFrames start at the first.
void filter_lanes(cudaStream_t stream, DeviceSpan<const int> strips, const BiquadBank& bank,
                  DeviceBlock signal);

/// The same for strips whose designs move: `moving` has, for each strip listed, the whole cascade
/// for every kControlFrames frames of the signal, [listed][segment][capacity]. Where nothing
/// changes the bits are those of filter_lanes.
void filter_moving_lanes(cudaStream_t stream, DeviceSpan<const int> strips, const BiquadBank& bank,
                         DeviceSpan<const BiquadDesign> moving, DeviceBlock signal);

}  // namespace tutti::cuda
