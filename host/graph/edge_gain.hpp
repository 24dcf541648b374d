// SPDX-License-Identifier: Apache-2.0
// The gain of a connection: a matrix, possibly moving.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "host/audio/units.hpp"
#include "host/dsp/automation.hpp"
#include "host/dsp/pan.hpp"

namespace tutti {

/// A pan that moves. Maps 1 or 2 channels to 2.
struct PanMotion {
  std::shared_ptr<const AutomationCurve> position;  ///< null: fixed_position
  std::shared_ptr<const AutomationCurve> width;     ///< null: fixed_width
  double fixed_position = 0;
  std::optional<double> fixed_width;                ///< none: balance
  PanLaw law = PanLaw::minus_3;
  int inputs = 1;
};

/// A share of a signal that moves between 0 and 1.
struct ShareMotion {
  std::shared_ptr<const AutomationCurve> curve;
  bool rest = false;  ///< 1 − the curve's value
};

/// out = (Π levels · Π shares · Π not muted) · matrix · [pan] · in. `matrix` is row-major [outputs][columns];
/// columns are the inputs, or the pan's two outputs when there is a pan.
struct EdgeGain {
  int outputs = 1;
  int inputs = 1;
  std::vector<double> matrix = {1.0};
  std::vector<std::shared_ptr<const AutomationCurve>> levels;  ///< dB
  std::vector<ShareMotion> shares;
  std::vector<std::shared_ptr<const AutomationCurve>> mutes;   ///< ≥ 0.5 mutes
  std::optional<PanMotion> pan;

  static EdgeGain unity(int channels);
  static EdgeGain scalar(int channels, double gain);

  bool is_static() const { return levels.empty() && shares.empty() && mutes.empty() && !pan; }
  /// Silent at every time.
  bool is_zero() const;
  /// If the static matrix is g·I with inputs == outputs and nothing moves: g.
  std::optional<double> static_scalar() const;
  /// If nothing moves and the matrix is diagonal (inputs == outputs).
  bool is_static_diagonal() const;

  /// Gain from `in` to `out` at one frame.
  double at(int out, int in, Frames frame) const;
  /// Gains from `in` to `out` of frames [first, first + values.size()).
  void values(int out, int in, Frames first, std::span<float> values) const;
};

/// `after` applied to the result of `before`: gain(a) → gain(b) ⇒ gain(b·a). None when both move a
/// pan, or a matrix stands before a moving pan.
std::optional<EdgeGain> compose(const EdgeGain& after, const EdgeGain& before);

/// The pan matrix (row-major 2 × inputs) at a position.
std::vector<double> pan_matrix(int inputs, double position, std::optional<double> width, PanLaw law);

}  // namespace tutti
