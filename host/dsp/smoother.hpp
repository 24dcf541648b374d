// SPDX-License-Identifier: Apache-2.0
// The smoothers of the dynamics, as steps and as maps that compose, for scans over time.
#pragma once

#include <math.h>

#include "host/audio/host_device.hpp"

namespace tutti {

struct SmootherPoles {
  double attack, attack_rest;  ///< pole, 1 − pole
  double release, release_rest;
};

inline SmootherPoles smoother_poles(double attack_pole, double release_pole) {
  return {attack_pole, 1.0 - attack_pole, release_pole, 1.0 - release_pole};
}

/// First stage of the decoupled smoother: rises at once, falls with the release
/// [Giannoulis2012, eq. 17].
TUTTI_HOST_DEVICE inline double peak_step(const SmootherPoles& p, double held, double x) {
  const double released = fma(p.release, held, p.release_rest * x);
  return x > released ? x : released;
}

/// Second stage: the attack.
TUTTI_HOST_DEVICE inline double attack_step(const SmootherPoles& p, double smoothed, double x) {
  return fma(p.attack, smoothed, p.attack_rest * x);
}

/// The attack while the input lies above, else the release [Giannoulis2012, eq. 16].
TUTTI_HOST_DEVICE inline double branching_step(const SmootherPoles& p, double smoothed, double x) {
  const double attacked = fma(p.attack, smoothed, p.attack_rest * x);
  const double released = fma(p.release, smoothed, p.release_rest * x);
  return x > smoothed ? attacked : released;
}

/// y → a·y + b.
struct AffineMap {
  double a, b;
};
TUTTI_HOST_DEVICE inline double apply(const AffineMap& m, double y) { return fma(m.a, y, m.b); }
TUTTI_HOST_DEVICE inline AffineMap compose(const AffineMap& second, const AffineMap& first) {
  return {second.a * first.a, fma(second.a, first.b, second.b)};
}

/// y → max(c, a·y + b), 0 ≤ a: closed under composition, because a rising map passes a maximum on.
struct MaxAffineMap {
  double a, b, c;
};
TUTTI_HOST_DEVICE inline double apply(const MaxAffineMap& m, double y) {
  const double v = fma(m.a, y, m.b);
  return m.c > v ? m.c : v;
}
TUTTI_HOST_DEVICE inline MaxAffineMap compose(const MaxAffineMap& second,
                                              const MaxAffineMap& first) {
  return {second.a * first.a, fma(second.a, first.b, second.b), apply(second, first.c)};
}

/// The steps above as maps of their state.
TUTTI_HOST_DEVICE inline MaxAffineMap peak_map(const SmootherPoles& p, double x) {
  return {p.release, p.release_rest * x, x};
}
TUTTI_HOST_DEVICE inline AffineMap attack_map(const SmootherPoles& p, double x) {
  return {p.attack, p.attack_rest * x};
}

}  // namespace tutti
