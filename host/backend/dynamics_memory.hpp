// SPDX-License-Identifier: Apache-2.0
// How long the dynamics of a lane group remember what they heard: from when on a backend need not
// compute them.
#pragma once

#include "host/audio/units.hpp"
#include "host/dsp/biquad.hpp"
#include "host/dsp/smoother.hpp"

namespace tutti {

/// Frames until a one-pole has shrunk by 10^−decades.
Frames decay_frames(double pole, double decades);
/// Frames until a filter's state has shrunk by 10^−decades.
Frames decay_frames(const BiquadDesign& filter, double decades);

/// A step of 1e-9 octaves of level, or of gain, moves a gain by less than 1 % of half an ulp of a
/// float sample; these are the decades from 1 to there.
inline constexpr double kQuietStepDecades = 9;

/// Frames from the last sound of a detector until a compressor's or an expander's reduction is at
/// rest, first the peaks, then the attack.
Frames reduction_settle_frames(const SmootherPoles& poles);
/// The same of a gate, whose gain falls by the release.
Frames gate_settle_frames(const SmootherPoles& poles);

/// Frames until a detector hears nothing any more: +120 dBFS have become −300, of the mean square
/// −240, 120 dB below the lowest threshold. `key_filter`: null for none.
Frames detector_memory_frames(const BiquadDesign* key_filter, double rms_pole, Frames hold_frames);

}  // namespace tutti
