// SPDX-License-Identifier: Apache-2.0
// The vector bodies of the lane processor, dispatched to the machine's widest instruction set. All
// work vertically, lane by lane, on the first `frames` ≤ kControlFrames rows; sums over lanes
// follow one fixed tree. So AVX2 and AVX-512 give the same bits; the scalar target, which has no
// fused multiply-add, does not.
#pragma once

#include <cstdint>

#include "host/cpu/lane_unit.hpp"

namespace tutti {

/// rows[n][l] = planar[l][n]; 16 pointers, none null. Lanes ≥ `lanes`, which point at silence, may be
/// left as they are: silent from the start, for no unit makes something of nothing.
void gather_rows(const float* const* planar, int lanes, int frames, LaneRows& rows);

/// planar[l][n] = rows[n][l] (+0 for −0); 16 pointers, null ones are skipped.
void scatter_rows(const LaneRows& rows, int frames, float* const* planar);

/// planes[l][n] = rows[n][l], and anything past `frames` up to a whole vector. Lanes ≥ `lanes` may be
/// left as they are.
void rows_to_planes(const LaneRows& rows, int lanes, int frames, LanePlanes& planes);

/// out[n] = Σ_l gains[l]·planes[l][n]; pairs (l, l+8), then (l, l+4), (l, l+2), (l, l+1). Lanes ≥
/// `lanes` are silent.
void mix_planes(const LanePlanes& planes, int lanes, const float* gains, int frames, float* out);

/// The same with a gain for each frame.
void mix_planes(const LanePlanes& planes, const LanePlanes& gains, int frames, float* out);

/// wet = mix·wet + (1 − mix)·dry.
void blend_rows(const LaneRows& dry, const float* mix, int frames, LaneRows& wet);

/// Coefficients [section][b0 b1 b2 a1 a2][lane] and states [section][s1 s2][lane]. Numerators are
/// divided by their b0: b1 and b2 are relative to it, and the b0 of the first of every kBiquadGroup
/// sections is the product of all b0 of its group, by which its input is multiplied. The others are
/// 1. (The product of many more could leave the range of a double.)
inline constexpr int kBiquadGroup = 12;
struct BiquadTable {
  int sections = 0;
  const double* coefficients = nullptr;
  double* states = nullptr;
  /// In every lane in use b1 and b2 of the first section are −2 and 1, as in a high-pass: sums take
  /// the place of two products, to the same bits.
  bool begins_with_high_pass = false;
};
inline constexpr int kBiquadCoefficients = 5;
inline constexpr int kBiquadStates = 2;

/// All sections in series, in double from the first to the last, as biquad_step orders them behind
/// b0: y = x + s1. `in` and `out` may be the same. Lanes ≥ `lanes` may be left untouched.
void filter_rows(const BiquadTable& table, int lanes, int frames, const LaneRows& in,
                 LaneRows& out);

/// out = one-pole mean of in², state in double. `state` and `pole` are columns.
void mean_square_rows(const double* pole, double* state, int frames, const LaneRows& in,
                      LaneRows& out);

/// How the channels of each strip hear each other.
struct LinkTable {
  int rotations = 0;                      ///< maxima with rotated copies cover the whole strip
  const std::int32_t* sources = nullptr;  ///< [rotation][lane]: the lane that comes to this one
  const float* link = nullptr;            ///< column, 0 … 1
  bool fractional = false;                ///< some link is neither 0 nor 1
  float silence = 0;                      ///< what silence counts as in a blend
};

/// out = the geometric blend max^link · own^(1−link) of the magnitudes (or mean squares) of a
/// strip: in log2 that is link·max + (1 − link)·own. A link of 0 or 1 gives its side exactly.
void link_rows(const LinkTable& table, int frames, const LaneRows& in, LaneRows& out);

/// Columns of CurveShape.
struct CurveTable {
  bool below = false;        ///< −L: what lies below the threshold is reduced
  bool mean_square = false;  ///< x is a mean square: L = ½·log2(x)
  const float* offset = nullptr;
  const float* knee = nullptr;
  const float* knee_scale = nullptr;
  const float* slope = nullptr;
  const float* limit = nullptr;
};

/// in: magnitudes of either sign, or mean squares → out: gain reductions in log2, ≥ 0. Lanes ≥
/// `lanes` may be left as they are, here and in `apply_rows`.
void curve_rows(const CurveTable& table, int lanes, int frames, const LaneRows& in, LaneRows& out);

/// `peak_down`: decoupled, attack smooths what rises. `peak_up`: decoupled, attack smooths what
/// falls. `branching`: one smoother, attack while the input lies above it. `gate`: one smoother of
/// what a gate heads for, attack while that is 1.
enum class Smoothing { peak_down, peak_up, branching, gate };

/// Columns of a smoother, all double. `held` is the first stage of the decoupled kinds. Their
/// second stage is kept divided by 1 − attack_pole, which saves a product a sample; so is what
/// comes out.
struct SmootherTable {
  Smoothing kind = Smoothing::peak_down;
  const double* attack_pole = nullptr;
  const double* release_pole = nullptr;
  double* held = nullptr;
  double* smoothed = nullptr;
};

/// In place [Giannoulis2012, eqs. 16, 17].
void smooth_rows(const SmootherTable& table, int lanes, int frames, LaneRows& rows);

/// Columns of a gate: thresholds on the magnitude, hold in frames, gain when closed; state `open`
/// (0 or 1) and `hold_left` in frames.
struct GateTable {
  const float* open_above = nullptr;
  const float* close_below = nullptr;
  const float* hold = nullptr;
  const float* range = nullptr;
  float* open = nullptr;
  float* hold_left = nullptr;
};

/// in: magnitudes of either sign → out: the gain that the gate heads for, 1 or range.
void gate_rows(const GateTable& table, int frames, const LaneRows& in, LaneRows& out);

/// What a signal is multiplied by: mix·g + (1 − mix), where g = gains·control, or, with
/// `reduction_scale`, gains·2^−(control·reduction_scale).
struct GainTable {
  const LaneRows* control = nullptr;       ///< null: the gains alone
  const float* reduction_scale = nullptr;  ///< column; null: the control is a gain
  RowGains gains;
  const float* mix = nullptr;  ///< column; null: 1
};

void apply_rows(const GainTable& table, int lanes, int frames, LaneRows& signal);

}  // namespace tutti
