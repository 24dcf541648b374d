// SPDX-License-Identifier: Apache-2.0
// From what a detector hears to a gain reduction: the link between the channels of a strip and the
// static curve, sample by sample in float. The vector form is host/cpu/lane_level.cpp and
// host/cpu/lane_dynamics_kernels.cpp.
#pragma once

#include <math.h>

#include "host/audio/host_device.hpp"
#include "host/dsp/compressor.hpp"
#include "host/dsp/expander.hpp"
#include "host/dsp/fast_log2.hpp"

namespace tutti {

/// kSilenceLog2 = −60, of an amplitude and of its square.
inline constexpr float kSilentMagnitude = 0x1p-60f;
inline constexpr float kSilentMeanSquare = 0x1p-120f;

/// The most that a compressor reduces (722 dB): keeps the exponential within the float range.
inline constexpr double kMostReductionLog2 = 120;

/// Static curve over the level L: with u = max(±L + offset, 0) and t = min(u, knee),
/// reduction = min(slope·(u − t·(1 − t·knee_scale)), limit), which is [Giannoulis2012, eq. 4] for
/// offset = ½·knee ∓ threshold and knee_scale = 1/(2·knee).
struct CurveShape {
  float offset, knee, knee_scale, slope, limit;
};

/// Reduction of `slope` for each octave of level past the threshold. `below`: past the threshold
/// means below it.
inline CurveShape curve_shape(bool below, double threshold_log2, double knee_log2, double slope,
                              double limit_log2) {
  return {static_cast<float>(0.5 * knee_log2 + (below ? threshold_log2 : -threshold_log2)),
          static_cast<float>(knee_log2), static_cast<float>(knee_log2 > 0 ? 0.5 / knee_log2 : 0.0),
          static_cast<float>(slope), static_cast<float>(limit_log2)};
}
inline CurveShape curve_shape(const CompressorDesign& d) {
  return curve_shape(false, d.threshold_log2, d.knee_log2, -d.slope, kMostReductionLog2);
}
inline CurveShape curve_shape(const ExpanderDesign& d) {
  return curve_shape(true, d.threshold_log2, d.knee_log2, d.slope, -d.range_log2);
}

/// Gain reduction in log2, ≥ 0, of a magnitude of either sign, or of a mean square. `kBelow` as the
/// shape was made.
template <bool kBelow, bool kMeanSquare>
TUTTI_HOST_DEVICE inline float reduction_log2(const CurveShape& shape, float x) {
  float level;
  if constexpr (kBelow || kMeanSquare) {
    const float heard = fmaxf(fabsf(x), kMeanSquare ? kSilentMeanSquare : kSilentMagnitude);
    constexpr float kFactor = (kBelow ? -1.0f : 1.0f) * (kMeanSquare ? 0.5f : 1.0f);
    level = fmaf(kFactor, fast_log2(heard, Log2Polynomial::k0), shape.offset);
  } else {
    // Silence needs no floor here: u is 0 anyway.
    level = fast_log2(x, shape.offset + Log2Polynomial::k0);
  }
  const float u = fmaxf(level, 0.0f), t = fminf(u, shape.knee);
  const float excess = fmaf(-t, fmaf(-t, shape.knee_scale, 1.0f), u);
  return fminf(shape.slope * excess, shape.limit);
}

/// What a channel that is linked to the loudest of its strip hears: the geometric blend
/// loudest^link · own^(1−link); a link of 0 or 1 gives its side exactly. `silence` is what silence
/// counts as in the blend; magnitudes or mean squares, not negative.
TUTTI_HOST_DEVICE inline float linked_level(float own, float loudest, float link, float silence) {
  if (link >= 1.0f) return loudest;
  if (link <= 0.0f) return own;
  const float all_log2 = fast_log2(fmaxf(loudest, silence), Log2Polynomial::k0);
  const float own_log2 = fast_log2(fmaxf(own, silence), Log2Polynomial::k0);
  return fast_exp2_negative(-fmaf(link, all_log2, (1.0f - link) * own_log2));
}

}  // namespace tutti
