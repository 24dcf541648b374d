// SPDX-License-Identifier: Apache-2.0
// Impulse responses in double: how chains of linear units become one.
#pragma once

#include <span>
#include <vector>

#include "host/audio/units.hpp"
#include "host/dsp/biquad.hpp"

namespace tutti {

/// Below this, relative to its peak, the end of a response is cut: 10 dB under half a step of 24
/// bits.
inline constexpr double kImpulseFloorDb = -160;

/// No response grows past this: 87 s at 48 kHz.
inline constexpr Frames kMaxImpulseFrames = Frames{1} << 22;

/// The response of `impulse` followed by the sections in series, extended until its tail stays
/// below kImpulseFloorDb of its peak or it is kMaxImpulseFrames (or the impulse's own length) long.
/// Throws std::invalid_argument for a section whose poles are not inside the unit circle.
std::vector<double> filter_impulse(std::span<const double> impulse,
                                   std::span<const BiquadDesign> sections);

/// a ∗ b, a.size() + b.size() − 1 taps (none if either is empty); error below −250 dB of the
/// largest possible output ‖a‖·‖b‖.
std::vector<double> convolve_impulses(std::span<const double> a, std::span<const double> b);

/// How many taps are left without those at the end that are at or below `floor_db` relative to the
/// peak: 0 for silence.
std::size_t audible_taps(std::span<const float> impulse, double floor_db = kImpulseFloorDb);
std::size_t audible_taps(std::span<const double> impulse, double floor_db = kImpulseFloorDb);

/// Without the others.
std::vector<double> trim_impulse(std::vector<double> impulse, double floor_db = kImpulseFloorDb);

/// `frames` ≥ 0 zeros before it.
std::vector<double> delay_impulse(std::span<const double> impulse, Frames frames);

}  // namespace tutti
