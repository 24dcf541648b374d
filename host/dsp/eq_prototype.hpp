// SPDX-License-Identifier: Apache-2.0
// The analogue filters that an equaliser band stands for.
#pragma once

#include <array>
#include <complex>

#include "host/dsp/eq.hpp"

namespace tutti {

/// H(s) = (n0 + n1 s + n2 s²) / (d0 + d1 s + d2 s²), s in units of the band's frequency.
struct AnalogSection {
  double n0 = 1, n1 = 0, n2 = 0, d0 = 1, d1 = 0, d2 = 0;
};

/// Sections in series, each scaled so that none of them has a gain that another takes back.
struct EqPrototype {
  std::array<AnalogSection, 4> sections;
  int count = 0;
};

/// The band's analogue prototype: RBJ's second-order sections, Butterworth high- and low-pass, and
/// a first-order tilt. `enabled` is not looked at.
EqPrototype prototype(const EqBandSpec& band);

/// The damping that the band asks for: its q, that of its bandwidth (1/Q = 2 sinh(ln2/2 · octaves)
/// [RBJ]), or 1/√2.
double band_q(const EqBandSpec& band);

/// Q of section `index` of a Butterworth filter of that order; the first-order section of an odd
/// order comes last and is not counted.
double butterworth_q(int order, int index);

/// |H|² at `ratio` times the band's frequency.
double power_gain(const AnalogSection& section, double ratio);
double power_gain(const EqPrototype& prototype, double ratio);

}  // namespace tutti
