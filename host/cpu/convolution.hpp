// SPDX-License-Identifier: Apache-2.0
// Partitioned convolution in tiles: spectra of impulses and of sources, and their sums of products.
//
// A tile of K blocks, a batch of sources, some outputs (the channels of a bus):
//   for each source:  tile.load(history, samples, K)        forward transforms
//   multiply_accumulate(sum, terms)                         all spectra of the batch meet here
//   for each source:  tile.release(history)
//   for each output and block, after the last batch:  sum.inverse(output, k, out)
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "host/audio/buffer.hpp"
#include "host/audio/units.hpp"
#include "host/cpu/fft.hpp"

namespace tutti {

using SharedTransform = std::shared_ptr<const BlockTransform>;

/// An impulse response cut into partitions of one block, transformed. Immutable, thread-safe.
/// Partitions without a tap are neither kept nor multiplied: pre-delay and padding cost nothing.
class ImpulseSpectra {
 public:
  ImpulseSpectra(SharedTransform transform, std::span<const float> impulse, double gain = 1);

  /// Partitions [0, end) cover the taps; 0 for a silent impulse.
  int end() const { return static_cast<int>(partitions_.size()); }

  /// Spectrum of partition p divided by B, so that the inverse has unit gain; null where the
  /// partition is silent and beyond the end.
  const float* partition(int p) const { return p < end() ? partitions_[p] : nullptr; }

  const SharedTransform& transform() const { return transform_; }
  std::size_t memory_bytes() const { return memory_bytes_; }

 private:
  SharedTransform transform_;
  std::vector<const float*> partitions_;
  AlignedArray<float> memory_;
  std::size_t memory_bytes_ = 0;
};

/// A spectrum that may be silence; its memory is allocated when it is first needed.
struct Spectrum {
  AlignedArray<float> memory;
  float* data = nullptr;
  bool silent = true;

  void allocate(std::size_t floats);
};

/// What one source carries from tile to tile: its last block, and the spectra that reach into the
/// next tile.
class SourceHistory {
 public:
  /// `partitions`: the largest ImpulseSpectra::end() that the source meets; keeps one spectrum
  /// less.
  SourceHistory(SharedTransform transform, int partitions);

  /// True if a silent tile would leave nothing but silence: the source can be skipped.
  bool silent() const;

  /// Forget everything, as at the start of the timeline.
  void reset();

 private:
  friend class SourceTile;
  SharedTransform transform_;
  std::vector<Spectrum> spectra_;  ///< oldest first
  std::vector<float> previous_;    ///< empty while silent
};

/// Scratch of one source for one tile. One per source of a batch, used again for every batch.
class SourceTile {
 public:
  SourceTile(SharedTransform transform, int max_blocks);

  /// Transforms `blocks` blocks of samples (null: silence) that follow what the history has seen.
  void load(const SourceHistory& history, const float* samples, int blocks);

  /// spectra()[k], −history ≤ k < blocks; null where the window is silent. Valid until `release`.
  const float* const* spectra() const { return pointers_.data() + history_count_; }
  int history_count() const { return history_count_; }
  int blocks() const { return blocks_; }
  bool silent() const;

  /// Hands the newest spectra over to the history (by exchange of buffers, nothing is copied).
  void release(SourceHistory& history);

 private:
  SharedTransform transform_;
  std::vector<Spectrum> spectra_;
  std::vector<const float*> pointers_;
  std::vector<float> last_block_;
  AlignedArray<float> zeros_;
  int history_count_ = 0;
  int blocks_ = 0;
};

/// One source and its impulse for each output (null: no connection). All of one transform; the
/// history of the tile holds at least the impulses' end() − 1 spectra.
struct SourceTerm {
  const SourceTile* tile = nullptr;
  std::span<const ImpulseSpectra* const> impulses;
};

/// Sums of products, one spectrum per output and block of a tile.
class SpectrumSum {
 public:
  SpectrumSum(SharedTransform transform, int outputs, int max_blocks);

  /// Starts a tile of `blocks` ≤ max_blocks blocks. All sums are silent.
  void begin(int blocks);

  int outputs() const { return outputs_; }
  int blocks() const { return blocks_; }
  bool silent(int output, int block) const { return silent_[index(output, block)] != 0; }
  float* data(int output, int block) { return memory_.get() + index(output, block) * stride_; }

  /// After sources were added: which sums are no longer silent. Not thread-safe.
  void mark(std::span<const SourceTerm> terms);

  /// The block in time, B frames. Ends the use of this sum until `begin`.
  void inverse(int output, int block, float* out);

  const SharedTransform& transform() const { return transform_; }

 private:
  std::size_t index(int output, int block) const {
    return static_cast<std::size_t>(output) * static_cast<std::size_t>(max_blocks_) +
           static_cast<std::size_t>(block);
  }

  SharedTransform transform_;
  int outputs_ = 0, max_blocks_ = 0, blocks_ = 0;
  std::size_t stride_ = 0;
  AlignedArray<float> memory_;
  std::vector<char> silent_;
};

/// sum[o][k] += Σ_source Σ_p X_source[k − p] · H_source,o[p], in that order for each bin, whatever
/// the batches: a batch of several sources gives the bits of the same sources one at a time.
void multiply_accumulate(SpectrumSum& sum, std::span<const SourceTerm> terms);

/// The same for rows [first_row, end_row) of all spectra (B / 16 rows) and without `mark`: disjoint
/// ranges may run on different threads.
void multiply_accumulate_rows(SpectrumSum& sum, std::span<const SourceTerm> terms,
                              std::size_t first_row, std::size_t end_row);

}  // namespace tutti
