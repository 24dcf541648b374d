// SPDX-License-Identifier: Apache-2.0
#include "kernels/convolver.hpp"

#include "kernels/runtime/launch.hpp"

namespace tutti::cuda {
namespace {

constexpr int kBlock = 256;
// Bins of a block of multiply_kernel; every spectrum is a multiple of it long.
constexpr int kBins = 128;
// From so many blocks on every multiprocessor of a large device has two.
constexpr Frames kEnoughBlocks = 256;

__device__ float2 multiplied(float2 a, float2 b) {
  return {fmaf(a.x, b.x, -(a.y * b.y)), fmaf(a.x, b.y, a.y * b.x)};
}

// Grid: frames × channels. 20 bytes and 6 operations a frame; 4 bytes of state a channel and frame
// of a block.
__global__ void __launch_bounds__(kBlock)
    pack_windows_kernel(const WindowTerm* __restrict__ terms, const float2* __restrict__ twist,
                        int block_frames, Frames frames) {
  const WindowTerm term = terms[blockIdx.y];
  const Frames step = static_cast<Frames>(gridDim.x) * kBlock;
  for (Frames i = static_cast<Frames>(blockIdx.x) * kBlock + threadIdx.x; i < frames; i += step) {
    const Frames n = i & (block_frames - 1);
    const float current = term.samples ? term.samples[i] : 0.0f;
    float before = 0;
    if (i < block_frames)
      before = term.previous ? term.previous[n] : 0.0f;
    else if (term.samples)
      before = term.samples[i - block_frames];
    term.windows[i] = multiplied({before, current}, twist[n]);
    if (i >= frames - block_frames) term.last[n] = current;
  }
}

__global__ void __launch_bounds__(kBlock)
    pack_taps_kernel(const float* __restrict__ taps, const float2* __restrict__ twist,
                     int block_frames, Frames frames, float2* __restrict__ windows) {
  const Frames step = static_cast<Frames>(gridDim.x) * kBlock;
  for (Frames i = static_cast<Frames>(blockIdx.x) * kBlock + threadIdx.x; i < frames; i += step) {
    const float2 factor = twist[i & (block_frames - 1)];
    windows[i] = {taps[i] * factor.x, taps[i] * factor.y};
  }
}

/// a · b + c, in the order of every backend.
__device__ float2 product_added(float2 a, float2 b, float2 c) {
  return {fmaf(-a.y, b.y, fmaf(a.x, b.x, c.x)), fmaf(a.y, b.x, fmaf(a.x, b.y, c.y))};
}

/// Bin `bin` of the spectrum of a block, which may lie before the tile.
__device__ float2 spectrum_at(const SourceTerm& term, int block, int block_frames, int bin) {
  if (block < term.first || block >= term.end) return {0, 0};
  if (block >= 0) return term.tile[static_cast<Frames>(block) * block_frames + bin];
  int place = term.ring_at + block;
  if (place < 0) place += term.ring_spectra;
  return term.ring[static_cast<Frames>(place) * block_frames + bin];
}

__device__ float2 partition_at(const ImpulseTerm& impulse, int partition, int block_frames,
                               int bin) {
  if (partition < impulse.first || partition >= impulse.end) return {0, 0};
  return impulse.spectra[static_cast<Frames>(partition - impulse.first) * block_frames + bin];
}

/// Where a thread of multiply_kernel stands.
struct Place {
  int bin, first_block, first_output;
};

/// Partitions of any of the impulses that meet a block which may sound: [begin, end).
template <int kOutputs, int kBlocks>
__device__ int2 partitions_to_add(const SourceTerm& term, const ImpulseTerm (&impulses)[kOutputs],
                                  int first_block) {
  int begin = term.ring_spectra + 1, end = 0;
#pragma unroll
  for (int o = 0; o < kOutputs; ++o) {
    if (impulses[o].first < impulses[o].end) begin = min(begin, impulses[o].first);
    end = max(end, impulses[o].end);
  }
  return {max(begin, first_block - term.end + 1), min(end, first_block + kBlocks - term.first)};
}

/// Adds the products of one term. source[(k − p) mod kBlocks] is block first_block + k − begin − p.
template <int kOutputs, int kBlocks>
__device__ void add_products(const SourceTerm& term, const ImpulseTerm (&impulses)[kOutputs],
                             int block_frames, Place at, float2 (&sums)[kOutputs][kBlocks]) {
  const auto [begin, end] = partitions_to_add<kOutputs, kBlocks>(term, impulses, at.first_block);
  if (begin >= end) return;
  float2 source[kBlocks];
#pragma unroll
  for (int k = 1; k < kBlocks; ++k)
    source[k] = spectrum_at(term, at.first_block + k - begin, block_frames, at.bin);
  for (int from = begin; from < end; from += kBlocks) {
#pragma unroll
    for (int p = 0; p < kBlocks; ++p) {
      if (from + p >= end) return;
      source[(kBlocks - p) % kBlocks] =
          spectrum_at(term, at.first_block - from - p, block_frames, at.bin);
#pragma unroll
      for (int o = 0; o < kOutputs; ++o) {
        const float2 h = partition_at(impulses[o], from + p, block_frames, at.bin);
#pragma unroll
        for (int k = 0; k < kBlocks; ++k)
          sums[o][k] = product_added(source[(k - p + kBlocks) % kBlocks], h, sums[o][k]);
      }
    }
  }
}

// One thread a bin, with the sums of kOutputs outputs × kBlocks blocks in registers over all terms
// and partitions: from one partition to the next the spectra of the source move on by one block, so
// one of them and kOutputs of the impulses are read for kOutputs · kBlocks products of 4
// operations. Neighbouring blocks of the grid read the same impulses. Grid: groups of blocks × bins
// × groups of outputs. 8 bytes of state a channel and frame of impulse but one block.
template <int kOutputs, int kBlocks>
__global__ void __launch_bounds__(kBins)
    multiply_kernel(const SourceTerm* __restrict__ terms, int term_count,
                    const ImpulseTerm* __restrict__ impulses, int outputs, int block_frames,
                    int blocks, float2* __restrict__ sums, bool fresh) {
  const Place at{static_cast<int>(blockIdx.y) * kBins + static_cast<int>(threadIdx.x),
                 static_cast<int>(blockIdx.x) * kBlocks, static_cast<int>(blockIdx.z) * kOutputs};
  const auto is_there = [&](int o, int k) {
    return at.first_output + o < outputs && at.first_block + k < blocks;
  };
  const auto sum_at = [&](int o, int k) {
    const Frames spectrum = Frames{at.first_output + o} * blocks + at.first_block + k;
    return sums + spectrum * block_frames + at.bin;
  };
  float2 own[kOutputs][kBlocks];
#pragma unroll
  for (int o = 0; o < kOutputs; ++o)
#pragma unroll
    for (int k = 0; k < kBlocks; ++k)
      own[o][k] = !fresh && is_there(o, k) ? *sum_at(o, k) : float2{0, 0};
  for (int t = 0; t < term_count; ++t) {
    const SourceTerm term = terms[t];
    ImpulseTerm of_output[kOutputs];
#pragma unroll
    for (int o = 0; o < kOutputs; ++o)
      if (at.first_output + o < outputs)
        of_output[o] = impulses[term.impulses + at.first_output + o];
    add_products<kOutputs, kBlocks>(term, of_output, block_frames, at, own);
  }
#pragma unroll
  for (int o = 0; o < kOutputs; ++o)
#pragma unroll
    for (int k = 0; k < kBlocks; ++k)
      if (is_there(o, k)) *sum_at(o, k) = own[o][k];
}

// Grid: bins of the spectra to keep × channels. 16 bytes a bin.
__global__ void __launch_bounds__(kBlock)
    keep_kernel(const SourceTerm* __restrict__ terms, int block_frames, int blocks) {
  const SourceTerm term = terms[blockIdx.y];
  const int kept = min(blocks, term.ring_spectra), shift = __ffs(block_frames) - 1;
  const Frames bins = static_cast<Frames>(kept) * block_frames;
  const Frames step = static_cast<Frames>(gridDim.x) * kBlock;
  for (Frames i = static_cast<Frames>(blockIdx.x) * kBlock + threadIdx.x; i < bins; i += step) {
    const int block = blocks - kept + static_cast<int>(i >> shift);
    const Frames bin = i & (block_frames - 1);
    const Frames place = (term.ring_at + block) % term.ring_spectra;
    term.ring[place * block_frames + bin] =
        term.tile[static_cast<Frames>(block) * block_frames + bin];
  }
}

__global__ void __launch_bounds__(kBlock)
    add_kernel(const float2* const* __restrict__ others, int count, float2* __restrict__ to,
               Frames bins) {
  const Frames step = static_cast<Frames>(gridDim.x) * kBlock;
  for (Frames i = static_cast<Frames>(blockIdx.x) * kBlock + threadIdx.x; i < bins; i += step) {
    float2 sum = to[i];
    for (int t = 0; t < count; ++t) sum = {sum.x + others[t][i].x, sum.y + others[t][i].y};
    to[i] = sum;
  }
}

// The imaginary part of window / twist. Grid: frames × channels. 12 bytes and 3 operations a frame.
__global__ void __launch_bounds__(kBlock)
    unpack_kernel(const float2* __restrict__ windows, const float2* __restrict__ twist,
                  int block_frames, Frames frames, float* __restrict__ out, Frames out_stride) {
  windows += blockIdx.y * frames;
  out += blockIdx.y * out_stride;
  const Frames step = static_cast<Frames>(gridDim.x) * kBlock;
  for (Frames i = static_cast<Frames>(blockIdx.x) * kBlock + threadIdx.x; i < frames; i += step) {
    const float2 window = windows[i], factor = twist[i & (block_frames - 1)];
    out[i] = fmaf(window.y, factor.x, -(window.x * factor.y));
  }
}

template <int kOutputs, int kBlocks>
void multiply(cudaStream_t stream, DeviceSpan<const SourceTerm> terms,
              DeviceSpan<const ImpulseTerm> impulses, int outputs, SpectralTile tile,
              DeviceSpan<float2> sums, bool fresh) {
  const dim3 grid(static_cast<unsigned>((tile.blocks + kBlocks - 1) / kBlocks),
                  static_cast<unsigned>(tile.block_frames / kBins),
                  static_cast<unsigned>((outputs + kOutputs - 1) / kOutputs));
  launch(multiply_kernel<kOutputs, kBlocks>, grid, kBins, 0, stream, terms.data(),
         static_cast<int>(terms.size()), impulses.data(), outputs, tile.block_frames, tile.blocks,
         sums.data(), fresh);
}

Frames frames_of(SpectralTile tile) { return static_cast<Frames>(tile.blocks) * tile.block_frames; }

}  // namespace

void pack_windows(cudaStream_t stream, DeviceSpan<const WindowTerm> terms,
                  DeviceSpan<const float2> twist, SpectralTile tile) {
  const dim3 grid(blocks_for(frames_of(tile), kBlock), static_cast<unsigned>(terms.size()));
  launch(pack_windows_kernel, grid, kBlock, 0, stream, terms.data(), twist.data(),
         tile.block_frames, frames_of(tile));
}

void pack_taps(cudaStream_t stream, DeviceSpan<const float> taps, DeviceSpan<const float2> twist,
               DeviceSpan<float2> windows, SpectralTile tile) {
  launch(pack_taps_kernel, blocks_for(frames_of(tile), kBlock), kBlock, 0, stream, taps.data(),
         twist.data(), tile.block_frames, frames_of(tile), windows.data());
}

void multiply_accumulate(cudaStream_t stream, DeviceSpan<const SourceTerm> terms,
                         DeviceSpan<const ImpulseTerm> impulses, int outputs, SpectralTile tile,
                         DeviceSpan<float2> sums, bool fresh) {
  const bool pairs = outputs > 1;
  const Frames groups = (outputs + 1) / 2 * Frames{tile.block_frames / kBins};
  // The choice does not show: the sum of an output, block and bin has one order.
  const auto run = tile.blocks < 4 ? (pairs ? multiply<2, 1> : multiply<1, 1>)
                   : groups * ((tile.blocks + 7) / 8) < kEnoughBlocks
                       ? (pairs ? multiply<2, 4> : multiply<1, 4>)
                       : (pairs ? multiply<2, 8> : multiply<1, 8>);
  run(stream, terms, impulses, outputs, tile, sums, fresh);
}

void keep_spectra(cudaStream_t stream, DeviceSpan<const SourceTerm> terms, SpectralTile tile) {
  const dim3 grid(blocks_for(frames_of(tile), kBlock), static_cast<unsigned>(terms.size()));
  launch(keep_kernel, grid, kBlock, 0, stream, terms.data(), tile.block_frames, tile.blocks);
}

void add_spectra(cudaStream_t stream, DeviceSpan<const float2* const> others,
                 DeviceSpan<float2> to) {
  const auto bins = static_cast<Frames>(to.size());
  launch(add_kernel, blocks_for(bins, kBlock), kBlock, 0, stream, others.data(),
         static_cast<int>(others.size()), to.data(), bins);
}

void unpack_blocks(cudaStream_t stream, DeviceSpan<const float2> windows,
                   DeviceSpan<const float2> twist, SpectralTile tile, DeviceBlock out) {
  const dim3 grid(blocks_for(frames_of(tile), kBlock), static_cast<unsigned>(out.channels));
  launch(unpack_kernel, grid, kBlock, 0, stream, windows.data(), twist.data(), tile.block_frames,
         frames_of(tile), out.data, out.stride);
}

}  // namespace tutti::cuda
