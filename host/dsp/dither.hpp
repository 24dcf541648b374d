// SPDX-License-Identifier: Apache-2.0
// Word-length reduction: dither and noise shaping with a counter-based generator.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "host/audio/units.hpp"
#include "host/dsp/dither_kernels.hpp"
#include "host/dsp/fields.hpp"

namespace tutti {

enum class DitherKind { none, tpdf, shaped };

inline constexpr std::array<Choice<DitherKind>, 3> kDitherKinds = {
    {{"none", DitherKind::none}, {"tpdf", DitherKind::tpdf}, {"shaped", DitherKind::shaped}}};

/// Philox-4x32-10: four random words that depend on (key, counter) alone [Salmon2011].
std::array<std::uint32_t, 4> philox(const std::array<std::uint32_t, 4>& counter,
                                    const std::array<std::uint32_t, 2>& key);

/// The error feedback of `shaped` at a rate: the noise transfer function is
/// 1 + Σ coefficients[k]·z^−(k+1), minimum phase, designed so that the noise is heard least
/// [Lipshitz1991] [GerzonCraven1989].
std::vector<double> design_noise_shaping(double sample_rate_hz);

/// Quantiser of one channel. The random number of frame n and channel c depends on (seed, c, n)
/// alone (a counter-based generator), so the result does not depend on block sizes or threads.
/// `tpdf` adds triangular noise of ±1 step; `shaped` adds it too and feeds the error back through a
/// filter designed for the rate; `none` rounds to the nearest, ties to even.
class Quantiser {
 public:
  /// `bits`: 8 … 24.
  Quantiser(DitherKind kind, int bits, double sample_rate_hz, std::uint64_t seed, int channel);

  /// Quantises frames [first, first + in.size()); calls come in order. Full scale ±1 maps to
  /// ±2^(bits−1); out of range clips. Returns the number of clipped samples.
  std::int64_t process(Frames first, std::span<const float> in, std::span<std::int32_t> out);

  /// The samples of one channel.
  struct Channel {
    const float* in = nullptr;
    std::int32_t* out = nullptr;
  };
  /// The same for this channel and another of the same output, which takes the time of one where
  /// errors are fed back.
  std::int64_t process_two(Quantiser& other, Frames first, std::size_t count, Channel mine,
                           Channel others);

 private:
  const std::int32_t* noise_at(Frames first, std::size_t count);
  std::int64_t shape_block(Frames first, std::size_t count, Channel mine, Quantiser* other,
                           Channel others);

  DitherKind kind_;
  double scale_;
  std::uint64_t seed_;
  int channel_;
  ShapingFilter shaping_ = {};   ///< error feedback coefficients, newest first
  ShapingFilter feedback_ = {};  ///< past errors' share in coming frames, in steps
  std::array<std::int32_t, kShapedFrames + kNoiseStep> noise_ = {};  ///< of a block
};

}  // namespace tutti
