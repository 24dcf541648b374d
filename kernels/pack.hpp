// SPDX-License-Identifier: Apache-2.0
// Dither, quantisation and packing on the device.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "host/dsp/pack.hpp"
#include "kernels/runtime/device_span.hpp"

namespace tutti::cuda {

/// A PackDesign as kernels take it.
struct PackParameters {
  StoredFormat format;
  DitherKind dither = DitherKind::none;
  std::uint32_t key[2] = {};
  double scale = 1;  ///< full scale in steps
  double shaping[kShapingOrder] = {};
};

PackParameters pack_parameters(const PackDesign& design);

/// `numbers[c · in.frames + n]`: the whole number of frame n of channel c, which is frame
/// `first + n` of the stream, or the bits of its float. Adds clipped samples to `clipped`. With
/// error feedback, `feedback` holds [channels][kShapingOrder] of the past, and is moved on.
void quantise(cudaStream_t stream, const PackParameters& parameters, ConstDeviceBlock in,
              Frames first, DeviceSpan<std::uint32_t> numbers, DeviceSpan<double> feedback,
              unsigned long long* clipped);

/// Interleaves and stores what `quantise` made. `out`: words that cover all bytes.
void pack(cudaStream_t stream, const PackParameters& parameters,
          DeviceSpan<const std::uint32_t> numbers, int channels, Frames frames,
          DeviceSpan<std::uint32_t> out);

}  // namespace tutti::cuda
