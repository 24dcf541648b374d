// SPDX-License-Identifier: Apache-2.0
// Equalisers of linear phase: a magnitude becomes a symmetric impulse response.
#pragma once

#include <vector>

#include "host/dsp/eq.hpp"

namespace tutti {

/// Symmetric impulse response of odd length whose magnitude is the product of the enabled bands'
/// magnitudes (the prototypes' for `analog`, the filters' for `rbj`).
///
/// Length: `length_ms` where given, to the nearest odd number of frames. Otherwise the shortest of
/// 2^k − 1 frames, k from 10, whose magnitude lies within 0.04 dB of the target from the lowest
/// band frequency up to eq_top_hz wherever the target is above −60 dB of its highest value; at most
/// 4 s.
std::vector<double> linear_phase_impulse(const EqSpec& spec, double sample_rate_hz);

}  // namespace tutti
