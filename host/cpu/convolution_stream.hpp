// SPDX-License-Identifier: Apache-2.0
// One input through one impulse response per output, for those who have no graph.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "host/cpu/convolution.hpp"

namespace tutti {

/// y_o = x ∗ h_o, without latency: frame n of the output belongs to frame n of the input.
/// Either `process` whole blocks, or `write` and `read` any counts; not both.
class Convolver {
 public:
  /// One impulse per output; all empty is silence. `tile_frames`: a multiple of 256, the most that
  /// is held back between `write` and `read`. `block_frames`: 0 lets the cost model choose.
  explicit Convolver(std::span<const std::vector<float>> impulses, Frames tile_frames = 131072,
                     Frames block_frames = 0);

  int outputs() const { return static_cast<int>(impulses_.size()); }
  Frames block_frames() const { return transform_->block_frames(); }

  /// The next `frames` frames, a multiple of block_frames(). `in` null is silence.
  void process(const float* in, float* const* out, Frames frames);

  /// Takes any number of frames; null is silence.
  void write(const float* in, Frames frames);

  /// Computes what is still held back, so that everything written can be read. Nothing can be
  /// written after it. For the tail of the response write as many frames of silence first.
  void finish();

  /// Frames that `read` can give now.
  Frames readable() const;
  void read(float* const* out, Frames frames);

 private:
  void run_tile(const float* in, float* const* out, int blocks);
  void run_pending(std::size_t frames);

  SharedTransform transform_;
  int tile_blocks_ = 0;
  std::vector<ImpulseSpectra> impulses_;
  std::vector<const ImpulseSpectra*> impulse_pointers_;
  SourceHistory history_;
  SourceTile tile_;
  SpectrumSum sum_;
  Frames written_ = 0, read_ = 0;
  std::vector<float> pending_;
  std::vector<std::vector<float>> ready_;  ///< per output, from frame `read_` on
};

}  // namespace tutti
