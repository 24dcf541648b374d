// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/true_peak.hpp"

#include <algorithm>
#include <cmath>

#include "host/audio/units.hpp"

namespace tutti {
namespace {

constexpr double kBeta = 9;
constexpr int kCentre = kTruePeakReach - 1;  // the tap of x[n]
// Rounding of 64 float products and sums is below 64 · 2⁻²⁴ of Σ|h||x|; bounds must hold for what
// the float interpolator computes.
constexpr double kRounding = 1e-5;

using Phase = std::array<double, kTruePeakTaps>;

double bessel_i0(double x) {
  double sum = 1;
  double term = 1;
  for (int k = 1; term > 1e-18 * sum; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

// Kaiser window [Kaiser1980].
double windowed_sinc(double distance) {
  const double edge = distance / kTruePeakReach;
  if (std::abs(edge) >= 1) return 0;
  const double window = bessel_i0(kBeta * std::sqrt(1 - edge * edge)) / bessel_i0(kBeta);
  return distance == 0 ? 1 : window * std::sin(kPi * distance) / (kPi * distance);
}

Phase make_phase(int phase) {
  Phase taps{};
  if (phase == 0) {
    taps[kCentre] = 1;
    return taps;
  }
  double gain = 0;
  for (int k = 0; k < kTruePeakTaps; ++k) {
    taps[k] = windowed_sinc(k - kCentre - phase / static_cast<double>(kTruePeakPhases));
    gain += taps[k];
  }
  for (double& tap : taps) tap /= gain;
  return taps;
}

std::array<Phase, kTruePeakPhases> make_phases() {
  std::array<Phase, kTruePeakPhases> phases;
  for (int p = 0; p < kTruePeakPhases; ++p) phases[p] = make_phase(p);
  return phases;
}

const std::array<Phase, kTruePeakPhases>& all_phases() {
  static const std::array<Phase, kTruePeakPhases> phases = make_phases();
  return phases;
}

// y − straight line = r ∗ x with Σr = 0, and summing r by parts twice gives y − line = q ∗ Δ²x plus
// (Σ k r[k]) · Δx at the edge. So |y − line| ≤ Σ|q| · max|Δ²x| + |Σ k r[k]| · 2 max|x|.
void add_smooth_bound(const Phase& taps, int phase, double& bend, double& tilt) {
  const double t = phase / static_cast<double>(kTruePeakPhases);
  double first = 0;
  double second = 0;
  double absolute = 0;
  for (int k = 0; k < kTruePeakTaps; ++k) {
    const double line = k == kCentre ? 1 - t : k == kCentre + 1 ? t : 0;
    first += taps[k] - line;
    second += first;
    if (k < kTruePeakTaps - 2) absolute += std::abs(second);
  }
  // After the last tap Σr = 0, so `second` is −Σ k r[k]; the two last partial sums multiply samples
  // under the filter.
  bend = std::max(bend, absolute);
  tilt = std::max(tilt, 2 * std::abs(second) + 2 * std::abs(first));
}

// What a cubic through four points of the half-sample grid leaves of phase p: Σ |taps − cubic|. The
// cubic itself is at most max(|v0|, |v1|) + max(|δ²v0|, |δ²v1|)/8 between its two middle points, as
// its distance from the straight line is t(1−t)/6 · ((2−t) δ²v0 + (1+t) δ²v1).
double cubic_residual(int phase) {
  constexpr int kHalf = kTruePeakPhases / 2;
  std::array<double, kTruePeakTaps + 2> rest{};  // one sample more on both sides
  for (int k = 0; k < kTruePeakTaps; ++k) rest[k + 1] = all_phases()[phase][k];
  const int first = phase < kHalf ? -1 : 0;  // leftmost point, in half samples
  const double at = phase / static_cast<double>(kHalf);
  for (int point = first; point < first + 4; ++point) {
    double weight = 1;
    for (int other = first; other < first + 4; ++other)
      if (other != point) weight *= (at - other) / (point - other);
    const int whole = point < 0 ? -1 : point / 2;
    const Phase& taps = all_phases()[point % 2 == 0 ? 0 : kHalf];
    for (int k = 0; k < kTruePeakTaps; ++k) rest[k + 1 + whole] -= weight * taps[k];
  }
  double sum = 0;
  for (double tap : rest) sum += std::abs(tap);
  return sum;
}

double largest(int tap) {
  double peak = 0;
  for (const Phase& phase : all_phases()) peak = std::max(peak, std::abs(phase[tap]));
  return peak;
}

TruePeakDesign make_design() {
  TruePeakDesign design{};
  double bend = 0, tilt = 0, overlap = 0, sum = 0, far = 0, cubic = 0;
  for (int p = 0; p < kTruePeakPhases; ++p) {
    const Phase& taps = all_phases()[p];
    double absolute = 0;
    for (int k = 0; k < kTruePeakTaps; ++k) {
      design.taps[k][p] = static_cast<float>(taps[k]);
      absolute += std::abs(taps[k]);
    }
    add_smooth_bound(taps, p, bend, tilt);
    sum = std::max(sum, absolute);
    if (p % (kTruePeakPhases / 2) != 0) cubic = std::max(cubic, cubic_residual(p));
    // max_p(h0·hi + h1·lo) is convex in lo/hi, hence below the chord from lo = 0 to lo = hi.
    overlap = std::max(overlap, taps[kCentre] + taps[kCentre + 1] - 1);
  }
  for (int j = 1; j < kTruePeakNearPairs; ++j)
    design.pair[j] = static_cast<float>(std::max(largest(kCentre - j), largest(kCentre + 1 + j)) *
                                        (1 + kRounding));
  for (int k = 0; k < kTruePeakTaps; ++k)
    if (k <= kCentre - kTruePeakNearPairs || k > kCentre + kTruePeakNearPairs) far += largest(k);
  design.bend = static_cast<float>(bend * (1 + kRounding));
  design.tilt = static_cast<float>(tilt + kRounding * sum);
  design.overlap = static_cast<float>(overlap * (1 + kRounding));
  design.far = static_cast<float>(far + kRounding * sum);
  design.sum = static_cast<float>(sum * (1 + kRounding));
  design.cubic = static_cast<float>(cubic + kRounding * sum);
  return design;
}

}  // namespace

double true_peak_tap(int tap, int phase) { return all_phases()[phase][tap]; }

const TruePeakDesign& true_peak_design() {
  static const TruePeakDesign design = make_design();
  return design;
}

}  // namespace tutti
