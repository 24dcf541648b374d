// SPDX-License-Identifier: Apache-2.0
// The vector bodies of the lane processor, dispatched to the machine's widest instruction set. All
// work vertically, lane by lane, on the first `frames` ≤ kControlFrames rows; sums over lanes
// follow one fixed tree. So AVX2 and AVX-512 give the same bits; the scalar target, which has no
// fused multiply-add, does not.
#pragma once

#include <cstdint>

#include "host/cpu/lane_unit.hpp"

namespace tutti {

/// rows[n][l] = planar[l][n]; 16 pointers, none null.
void gather_rows(const float* const* planar, int frames, LaneRows& rows);

/// planar[l][n] = rows[n][l] (+0 for −0); 16 pointers, null ones are skipped.
void scatter_rows(const LaneRows& rows, int frames, float* const* planar);

/// out[n] += Σ_l gains[n][l]·rows[n][l]; pairs (l, l+8), then (l, l+4), (l, l+2), (l, l+1).
void mix_rows(const LaneRows& rows, RowGains gains, int frames, float* out);

/// wet = mix·wet + (1 − mix)·dry.
void blend_rows(const LaneRows& dry, const float* mix, int frames, LaneRows& wet);

/// Coefficients [section][b0 b1 b2 a1 a2][lane] and states [section][s1 s2][lane].
struct BiquadTable {
  int sections = 0;
  const double* coefficients = nullptr;
  double* states = nullptr;
};
inline constexpr int kBiquadCoefficients = 5;
inline constexpr int kBiquadStates = 2;

/// All sections in series, in double from the first to the last, as biquad_step orders them. `in`
/// and `out` may be the same. Lanes ≥ `lanes` may be left untouched.
void filter_rows(const BiquadTable& table, int lanes, int frames, const LaneRows& in,
                 LaneRows& out);

/// out = one-pole mean of in², state in double. `state` and `pole` are columns.
void mean_square_rows(const double* pole, double* state, int frames, const LaneRows& in,
                      LaneRows& out);

/// out = |in|.
void magnitude_rows(const LaneRows& in, int frames, LaneRows& out);

/// out = log2|in|, or ½·log2(in) when `in` is a mean square; not below kSilenceLog2.
void level_rows(const LaneRows& in, bool mean_square, int frames, LaneRows& out);

/// How the channels of each strip hear each other.
struct LinkTable {
  int rotations = 0;                      ///< maxima with rotated copies cover the whole strip
  const std::int32_t* sources = nullptr;  ///< [rotation][lane]: the lane that comes to this one
  const float* link = nullptr;            ///< column, 0 … 1
  bool fractional = false;                ///< some link is neither 0 nor 1
};

/// In place: link·max over the strip + (1 − link)·own, of levels in log2.
void link_level_rows(const LinkTable& table, int frames, LaneRows& levels);

/// In place, the same of magnitudes: a fractional link is their geometric blend, so it equals the
/// blend of levels.
void link_magnitude_rows(const LinkTable& table, int frames, LaneRows& magnitudes);

/// Columns of a static curve: reduction = min(slope·(t²·knee_scale + u − t), limit) with
/// u = max(sign·level + offset, 0), t = min(u, knee) [Giannoulis2012, eq. 4].
struct CurveTable {
  const float* sign = nullptr;
  const float* offset = nullptr;
  const float* knee = nullptr;
  const float* knee_scale = nullptr;
  const float* slope = nullptr;
  const float* limit = nullptr;
};

/// rows: levels in log2 → gain reductions in log2, ≥ 0.
void curve_rows(const CurveTable& table, int frames, LaneRows& rows);

/// `peak_down`: decoupled, attack smooths what rises. `peak_up`: decoupled, attack smooths what
/// falls. `branching`: one smoother, attack while the input lies above it.
enum class Smoothing { peak_down, peak_up, branching };

/// Columns of a smoother, all double. `held` is the first stage of the decoupled kinds.
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

/// rows: magnitudes → the gain that the gate heads for, 1 or range.
void gate_rows(const GateTable& table, int frames, LaneRows& rows);

/// What a signal is multiplied by: mix·g + (1 − mix), where g = gains·control, or gains·2^−control
/// when `reductions`.
struct GainTable {
  const LaneRows* control = nullptr;  ///< null: the gains alone
  bool reductions = false;
  RowGains gains;
  const float* mix = nullptr;  ///< column; null: 1
};

void apply_rows(const GainTable& table, int frames, LaneRows& signal);

}  // namespace tutti
