// SPDX-License-Identifier: Apache-2.0
// Lanes into the channels of a sum.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "kernels/runtime/device_span.hpp"

namespace tutti::cuda {

/// Channels of a sum, at most.
inline constexpr int kMaxMixOutputs = 16;

/// The lanes that reach a sum, and how: device memory.
struct LaneMixTable {
  DeviceSpan<const int> lanes;       ///< [entry]
  DeviceSpan<const float> gains;     ///< [entry][out]
  DeviceSpan<const int> curve_rows;  ///< [entry][out]: the row of `curves` that replaces the gain,
                                     ///< −1 for none; empty: nothing moves
  DeviceSpan<const float> curves;    ///< [row][frame], a gain for each frame of the signal
};

/// out[o][n] = float(Σ_e gain[e][o]·signal[lanes[e]][n]): eight chains in double, entry e in chain
/// e mod 8, each by fused multiply-add in the order of the entries; then pairs (c, c + 4), (c, c +
/// 2), (c, c + 1). No entries: silence. Throws std::logic_error above kMaxMixOutputs channels.
void mix_lanes(cudaStream_t stream, const LaneMixTable& table, ConstDeviceBlock signal,
               DeviceBlock out);

}  // namespace tutti::cuda
