// SPDX-License-Identifier: Apache-2.0
// The K-weighting filter in pieces that run side by side: with state s and s[n+1] = A s[n] + b
// x[n], the state behind N samples is Aᴺ s + what the samples give from rest.
#pragma once

#include <cmath>
#include <vector>

#include "host/audio/host_device.hpp"
#include "host/dsp/loudness.hpp"

namespace tutti {

/// Transposed direct form II: shelf, then high pass.
struct KWeightingState {
  double shelf1 = 0, shelf2 = 0, high1 = 0, high2 = 0;

  bool operator==(const KWeightingState&) const = default;
};

/// The same filter with the high pass's gain in the shelf, so that its numerator is (1, −2, 1). The
/// form that `step` takes.
KWeightingDesign k_weighting_to_step(double sample_rate_hz);

/// One sample: y = b0·x + s1; s1 = (b1·x + s2) − a1·y; s2 = b2·x − a2·y, then the high pass.
TUTTI_HOST_DEVICE inline double step(const KWeightingDesign& k, KWeightingState& s, double x) {
  const double y = fma(k.shelf.b0, x, s.shelf1);
  s.shelf1 = fma(-k.shelf.a1, y, fma(k.shelf.b1, x, s.shelf2));
  s.shelf2 = fma(-k.shelf.a2, y, k.shelf.b2 * x);
  const double z = y + s.high1;
  s.high1 = fma(-k.high_pass.a1, z, s.high2 - (y + y));
  s.high2 = fma(-k.high_pass.a2, z, y);
  return z;
}

/// Aᴺ. The shelf does not hear the high pass, so the matrix is block triangular:
/// shelf' = S·shelf, high' = C·shelf + H·high; rows of each 2 × 2 block one after the other.
struct KWeightingPower {
  double s[4], c[4], h[4];
};

/// A⁰, Aᴺ, A²ᴺ, … for N = `frames`: `count` of them.
std::vector<KWeightingPower> k_weighting_powers(const KWeightingDesign& design, int frames,
                                                int count);

/// Aᴺ s + rest.
TUTTI_HOST_DEVICE inline KWeightingState advance(const KWeightingPower& m, const KWeightingState& s,
                                                 const KWeightingState& rest) {
  return {fma(m.s[0], s.shelf1, fma(m.s[1], s.shelf2, rest.shelf1)),
          fma(m.s[2], s.shelf1, fma(m.s[3], s.shelf2, rest.shelf2)),
          fma(m.c[0], s.shelf1, fma(m.c[1], s.shelf2, rest.high1)) +
              fma(m.h[0], s.high1, m.h[1] * s.high2),
          fma(m.c[2], s.shelf1, fma(m.c[3], s.shelf2, rest.high2)) +
              fma(m.h[2], s.high1, m.h[3] * s.high2)};
}

/// What is below −400 dBFS is silence, and must not decay into denormal numbers.
TUTTI_HOST_DEVICE inline KWeightingState without_traces(const KWeightingState& s) {
  constexpr double kRest = 1e-20;
  return {fabs(s.shelf1) < kRest ? 0 : s.shelf1, fabs(s.shelf2) < kRest ? 0 : s.shelf2,
          fabs(s.high1) < kRest ? 0 : s.high1, fabs(s.high2) < kRest ? 0 : s.high2};
}

}  // namespace tutti
