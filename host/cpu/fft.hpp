// SPDX-License-Identifier: Apache-2.0
// The transform under all convolutions: two blocks of a real signal to the spectrum in which a
// product is overlap-save convolution, and back.
#pragma once

#include <cstddef>
#include <memory>

#include "host/audio/units.hpp"
#include "host/cpu/fft_plan.hpp"

namespace tutti {

/// What is going to be transformed next: fetched into the caches while a block is computed. A hint.
struct NextBlock {
  const float* samples = nullptr;   ///< B frames
  const float* spectrum = nullptr;  ///< where the result will go
};

/// Right-angle (negacyclic) transform of B-frame blocks.
///
/// Real sequences of length 2B modulo z^(2B) + 1 are complex ones of length B modulo z^B − i, with
/// the first half as real and the second as imaginary part. So the pointwise product of two spectra
/// is a convolution in which what wraps around lands, negated, on the first half: of the window
/// [previous block, current block] through at most B taps, the imaginary part is exact. One complex
/// transform of B points per block of B frames, no split into even and odd, no bin special.
///
/// Immutable and thread-safe. A spectrum is spectrum_floats() floats aligned to kAlignmentBytes:
/// rows of 16 real and 16 imaginary parts, bins in no particular order, unscaled.
class BlockTransform {
 public:
  /// Throws std::invalid_argument unless a power of two in [kMinBlockFrames, kMaxBlockFrames].
  explicit BlockTransform(Frames block_frames);

  /// The one transform of that size in this process.
  static std::shared_ptr<const BlockTransform> shared(Frames block_frames);

  /// Spectrum of the window [previous, current], B frames each, any alignment.
  void forward(const float* previous, const float* current, float* spectrum,
               const NextBlock& next = {}) const;

  /// Second half of the window, times B. Destroys the spectrum.
  void inverse(float* spectrum, float* out_block) const;

  Frames block_frames() const { return static_cast<Frames>(plan_.block); }
  std::size_t spectrum_floats() const { return 2 * plan_.block; }

 private:
  FftPlan plan_;
};

}  // namespace tutti
