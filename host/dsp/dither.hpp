// SPDX-License-Identifier: Apache-2.0
// Word-length reduction: dither and noise shaping with a counter-based generator.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "host/audio/units.hpp"
#include "host/dsp/fields.hpp"

namespace tutti {

enum class DitherKind { none, tpdf, shaped };

inline constexpr std::array<Choice<DitherKind>, 3> kDitherKinds = {
    {{"none", DitherKind::none}, {"tpdf", DitherKind::tpdf}, {"shaped", DitherKind::shaped}}};

/// Quantiser of one channel. The random number of frame n and channel c depends on (seed, c, n)
/// alone (a counter-based generator), so the result does not depend on block sizes or threads.
/// `shaped` feeds the error back through a filter designed for the rate.
class Quantiser {
 public:
  /// `bits`: 8, 16, 20 or 24.
  Quantiser(DitherKind kind, int bits, double sample_rate_hz, std::uint64_t seed, int channel);

  /// Quantises frames [first, first + in.size()); calls come in order. Full scale ±1 maps to
  /// ±2^(bits−1); out of range clips. Returns the number of clipped samples.
  std::int64_t process(Frames first, std::span<const float> in, std::span<std::int32_t> out);

 private:
  DitherKind kind_;
  double scale_;
  std::uint64_t seed_;
  int channel_;
  std::vector<double> shaping_;  ///< error feedback coefficients, newest first
  std::vector<double> errors_;
};

}  // namespace tutti
