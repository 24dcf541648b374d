// SPDX-License-Identifier: Apache-2.0
// True peak: the 16-fold interpolator, and bounds that say where it need not run.
#pragma once

#include <array>

namespace tutti {

// 16 phases leave at most 0.04 dB between two points of the finest grid, at half the sample rate;
// 64 taps with a Kaiser window of β = 9 pass 0.45 of the rate within 0.001 dB. The factor is the
// same at every rate: at 96 kHz and above it is more than needed and costs nothing where bounds
// hold.
inline constexpr int kTruePeakPhases = 16;
inline constexpr int kTruePeakTaps = 64;
/// Samples on each side of the interpolated interval; position n needs x[n − 31 … n + 32].
inline constexpr int kTruePeakReach = kTruePeakTaps / 2;
/// Pairs of taps around an interval that the near bound weighs one by one.
inline constexpr int kTruePeakNearPairs = 8;

/// Interpolator and the constants of its bounds. y_p = Σ_k taps[k][p] · x[n − 31 + k] is the signal
/// at n + p/16; phase 0 is the sample itself.
///
/// Bounds on |y_p|, for all phases p, X = max |x| and B = max |x[m] − 2x[m−1] + x[m−2]| under the
/// filter:
///   smooth: max(|x[n]|, |x[n+1]|) + bend · B + tilt · X
///   near:   hi + overlap · lo + Σ_{j=1…7} pair[j] · (|x[n−j]| + |x[n+1+j]|) + far · X
///           with hi, lo the larger and the smaller of |x[n]|, |x[n+1]|
///   sum:    sum · X
///   half:   with the half-way points v (phase 8) known on both sides, on either half of the
///   interval
///           max(|v0|, |v1|) + max(|δ²v0|, |δ²v1|) / 8 + cubic · X, where δ² is the second
///           difference on the grid of half samples
struct TruePeakDesign {
  alignas(64) std::array<std::array<float, kTruePeakPhases>, kTruePeakTaps> taps;
  float bend;
  float tilt;
  float overlap;
  std::array<float, kTruePeakNearPairs> pair;  ///< [0] is unused
  float far;
  float sum;
  float cubic;
};

/// The one design there is; computed at first use, safe to call from any thread.
const TruePeakDesign& true_peak_design();

/// Tap k of phase p in double: sinc × Kaiser, scaled to unit gain at 0 Hz.
double true_peak_tap(int tap, int phase);

}  // namespace tutti
