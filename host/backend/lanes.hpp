// SPDX-License-Identifier: Apache-2.0
// A lane group: up to 16 channels that run the same chain of processors side by side, one channel to
// a lane.
#pragma once

#include <array>
#include <vector>

#include "host/audio/units.hpp"
#include "host/dsp/biquad.hpp"
#include "host/dsp/compressor.hpp"
#include "host/dsp/expander.hpp"
#include "host/dsp/gate.hpp"

namespace tutti {

/// Lanes of a group on every machine: one AVX-512 register of floats. Fixed, so that the geometry
/// and with it every bit of the result is the same whatever the vector width.
inline constexpr int kLanes = 16;

/// Grid on which automated processor parameters are set, in frames, anchored at frame 0.
inline constexpr Frames kControlFrames = 64;

enum class LaneOpKind { biquads, compressor, gate, expander, gain };

/// One position of the chain, for all strips of the group. Only the vector of its kind is filled,
/// with one element per strip. The channels of a strip share its design.
struct LaneOp {
  LaneOpKind kind = LaneOpKind::gain;
  std::vector<std::vector<BiquadDesign>> biquads;  ///< [strip][section]; padded by the backend
  std::vector<CompressorDesign> compressor;  ///< equal ballistics, rms_pole == 0 and key use per op
  std::vector<GateDesign> gate;
  std::vector<ExpanderDesign> expander;
  std::vector<double> gain;  ///< linear
  std::vector<double> mix;   ///< per strip: 0 dry … 1 processed; the dry path has the same latency
  bool external_key = false; ///< dynamics listen to key signals instead of their own input
};

/// Lane l = strip · channels + channel; strips · channels ≤ kLanes. Dynamics link the channels of
/// one strip (their `link`), never two strips.
struct LaneProgram {
  int strips = 0;
  int channels = 1;
  std::vector<LaneOp> ops;
  /// Every op of one position has the same look-ahead in all strips, so the group has one latency.
  Frames latency_frames = 0;
};

/// One destination of a lane group: out[o][n] += Σ_lane gain[o][lane] · y[n][lane], summed over the
/// lanes in one fixed tree. Owns nothing.
struct LaneMix {
  int out_channels = 0;
  /// [out channel]: the frames of this call, added to. Null: this channel is left out.
  float* const* out = nullptr;
  /// [out channel][lane]: static linear gains; 0 for lanes that do not go there.
  const std::array<float, kLanes>* gains = nullptr;
  /// [out channel][lane]: a gain for each frame of this call instead of the static one; null where
  /// the static one holds. Null as a whole when nothing is automated.
  const std::array<const float*, kLanes>* automated = nullptr;
};

}  // namespace tutti
