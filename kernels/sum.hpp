// SPDX-License-Identifier: Apache-2.0
// Where signals meet: sums in double, in a fixed order, each output sample rounded once.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "host/audio/units.hpp"
#include "kernels/runtime/device_span.hpp"

namespace tutti::cuda {

/// Channels of a signal that a sum takes in or gives out, at most.
inline constexpr int kMaxSumChannels = 16;

/// One signal that goes into a sum. Lives in device memory; its pointers are device memory too.
struct SumTerm {
  static constexpr std::int16_t kStatic = -1;

  ConstDeviceBlock in;            ///< at least as many frames as the output
  const float* curves = nullptr;  ///< rows of automated gains, one value a frame
  Frames curve_stride = 0;        ///< from row to row, in samples
  /// [out · kMaxSumChannels + in]: linear gains.
  double gains[kMaxSumChannels * kMaxSumChannels];
  /// [out · kMaxSumChannels + in]: the row of `curves` that replaces the gain, or kStatic.
  std::int16_t curve_rows[kMaxSumChannels * kMaxSumChannels];
};

/// out[c][n] = float(Σ_t Σ_i gain_t[c][i] · in_t[i][n]), terms and their channels in the order
/// given, products and sums in double by fused multiply-add from 0, rounded to float once. No
/// terms: silence. Throws std::logic_error above kMaxSumChannels outputs.
void sum_signals(cudaStream_t stream, DeviceSpan<const SumTerm> terms, DeviceBlock out);

}  // namespace tutti::cuda
