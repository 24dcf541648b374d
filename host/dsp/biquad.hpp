// SPDX-License-Identifier: Apache-2.0
// Second-order section: the building block of every recursive filter here.
#pragma once

#include <cmath>
#include <complex>

#include "host/audio/host_device.hpp"
#include "host/audio/units.hpp"

namespace tutti {

/// y[n] = b0 x[n] + b1 x[n−1] + b2 x[n−2] − a1 y[n−1] − a2 y[n−2]. Trivially copyable.
struct BiquadDesign {
  double b0 = 1, b1 = 0, b2 = 0, a1 = 0, a2 = 0;
};

/// What one stream remembers: transposed direct form II.
struct BiquadState {
  double s1 = 0, s2 = 0;
};

/// One sample through one section, in double. The order of operations is the contract of every
/// backend: y = fma(b0, x, s1); s1 = fma(−a1, y, fma(b1, x, s2)); s2 = fma(−a2, y, b2·x); between
/// the sections of a cascade a backend may move factors, which leaves the last bits of a double open.
/// (A CPU without fused multiply-add rounds each product, which stays 60 dB below a float sample.)
TUTTI_HOST_DEVICE inline double biquad_step(const BiquadDesign& design, BiquadState& state,
                                            double x) {
  const double y = std::fma(design.b0, x, state.s1);
  state.s1 = std::fma(-design.a1, y, std::fma(design.b1, x, state.s2));
  state.s2 = std::fma(-design.a2, y, design.b2 * x);
  return y;
}

/// Stands for "never" where frames are counted; sums of a few thousand of it do not overflow.
inline constexpr Frames kForeverFrames = Frames{1} << 48;

/// Silent frames after which a state of any loudness is below −300 dBFS: a decay by 480 dB, which
/// leaves 180 dB for loud input, resonance, and the growth before the decay of two equal poles.
/// Sections in series need the sum of theirs.
Frames biquad_decay_frames(const BiquadDesign& design);

/// Transfer function at `omega` rad/sample.
std::complex<double> response(const BiquadDesign& design, double omega);

/// 12 dB/oct Butterworth high-pass by the bilinear transform [RBJ]: −3 dB at `frequency_hz`, which
/// lies below half the sample rate. The key filter of the dynamics.
BiquadDesign design_butterworth_high_pass(double frequency_hz, double sample_rate_hz);

}  // namespace tutti
