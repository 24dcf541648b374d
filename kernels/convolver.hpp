// SPDX-License-Identifier: Apache-2.0
// Partitioned convolution on the device: what happens before, between and after the transforms.
#pragma once

#include <cuda_runtime.h>

#include "host/audio/units.hpp"
#include "kernels/runtime/device_span.hpp"

namespace tutti::cuda {

// Spectra have B bins and lie one after the other; B is the size of `twist`.

/// One channel of a tile on its way to spectra. Lives in device memory, as its pointers do.
struct WindowTerm {
  const float* samples = nullptr;   ///< null: silence
  const float* previous = nullptr;  ///< the block before the tile; null: silence
  float* last = nullptr;            ///< takes the tile's last block
  float2* windows = nullptr;        ///< one for each block
};

/// The spectra of one channel: of the tile, and of the blocks before it in a ring.
struct SourceTerm {
  float2* tile = nullptr;
  float2* ring = nullptr;
  int ring_spectra = 0;  ///< one less than its longest impulse has partitions
  int ring_at =
      0;          ///< place of block 0 of the tile, which is not there yet; block j lies j further
  int first = 0;  ///< blocks in [first, end), counted from the tile's start, may sound
  int end = 0;
  int impulses = 0;  ///< index of its impulse for output 0
};

/// An impulse's partitions [first, end), those before and after are silent.
struct ImpulseTerm {
  const float2* spectra = nullptr;
  int first = 0, end = 0;
};

/// The geometry of one tile.
struct SpectralTile {
  int block_frames = 0;
  int blocks = 0;
};

/// [previous block, block] · twist, for every block of every term.
void pack_windows(cudaStream_t stream, DeviceSpan<const WindowTerm> terms,
                  DeviceSpan<const float2> twist, SpectralTile tile);

/// [taps, 0] · twist for `blocks` blocks of taps.
void pack_taps(cudaStream_t stream, DeviceSpan<const float> taps, DeviceSpan<const float2> twist,
               DeviceSpan<float2> windows, SpectralTile tile);

/// sums[o][k] += Σ_term Σ_p X_term[k − p] · H_term,o[p], in that order for each bin, whatever the
/// terms of one call; `fresh`: from zero. A term has an impulse for each output; `sums` are
/// [output][block].
void multiply_accumulate(cudaStream_t stream, DeviceSpan<const SourceTerm> terms,
                         DeviceSpan<const ImpulseTerm> impulses, int outputs, SpectralTile tile,
                         DeviceSpan<float2> sums, bool fresh);

/// Puts the newest spectra of each tile into its ring.
void keep_spectra(cudaStream_t stream, DeviceSpan<const SourceTerm> terms, SpectralTile tile);

/// to += others, one after the other.
void add_spectra(cudaStream_t stream, DeviceSpan<const float2* const> others,
                 DeviceSpan<float2> to);

/// The blocks of each output, from transformed sums [output][block].
void unpack_blocks(cudaStream_t stream, DeviceSpan<const float2> windows,
                   DeviceSpan<const float2> twist, SpectralTile tile, DeviceBlock out);

}  // namespace tutti::cuda
