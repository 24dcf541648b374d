// SPDX-License-Identifier: Apache-2.0
// Passes and twiddle factors of the right-angle transform: everything about it that is not vector
// code.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "host/audio/buffer.hpp"
#include "host/audio/units.hpp"

namespace tutti {

/// Columns of the transform's data: fixed, so that the order of every sum and the layout of a
/// spectrum are the same whatever the vector width.
inline constexpr std::size_t kFftColumns = 16;

/// Floats of one row: 16 real parts, then 16 imaginary parts.
inline constexpr std::size_t kFftRowFloats = 2 * kFftColumns;

/// One radix-4 or radix-8 pass over all rows. A node of the pass has its own twiddle factors, per
/// column: cosines (16), tangents (16), for each of 2 (radix 4) or 4 (radix 8) roots.
struct FftPass {
  std::size_t radix = 0;
  std::size_t first_float = 0;  ///< of the first node's factors in FftPlan::twiddles
  std::size_t node_floats = 0;  ///< from one node's factors to the next
};

/// Polynomials modulo z^N = exp(2πi·turns) split into halves modulo z^(N/2) = ±exp(πi·turns), again
/// and again; the root of the tree is z^B = i. Unlike the usual decimation the twiddle factor is
/// constant over a node, and the twist of the negacyclic transform is already in it.
struct FftPlan {
  std::size_t block = 0;  ///< B, complex points
  std::size_t rows = 0;   ///< B / 16
  /// Cosine and tangent of both roots, of the first node of the radix-16 pass and then of its four
  /// children.
  std::array<float, 20> first_pass{};
  std::vector<FftPass> passes;  ///< after the radix-16 one
  AlignedArray<float> twiddles;
};

inline constexpr Frames kMinBlockFrames = 256;
inline constexpr Frames kMaxBlockFrames = 131072;

/// Throws std::invalid_argument unless `block_frames` is a power of two in
/// [kMinBlockFrames, kMaxBlockFrames].
FftPlan make_fft_plan(Frames block_frames);

}  // namespace tutti
