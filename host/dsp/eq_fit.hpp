// SPDX-License-Identifier: Apache-2.0
// Least squares for digital magnitudes: zeros and poles move until the cascade follows a target in
// dB. They can not leave the unit circle, so every answer is stable and of minimum phase.
#pragma once

#include <span>
#include <vector>

namespace tutti {

/// cos²(ω/2), sin²(ω/2) and their product times four: |1 + c1 z⁻¹ + c2 z⁻²|² is linear in them, and
/// they do not cancel near ω = 0 as powers of cos ω would [Vicanek2016].
struct HalfAngles {
  double cos2 = 1, sin2 = 0, cross = 0;
};
HalfAngles half_angles(double omega);

/// 1 + c1 z⁻¹ + c2 z⁻²
struct Factor {
  double c1 = 0, c2 = 0;
};
double power_gain(const Factor& factor, const HalfAngles& at);

/// What the fit may do with a factor; `t` stands for a number in −1 … 1.
enum class Freedom {
  none,
  real,              ///< 1 + t z⁻¹
  real_and_dc_zero,  ///< (1 − z⁻¹)(1 + t z⁻¹)
  pair               ///< any stable c1, c2
};

struct FitFactor {
  Factor value;
  bool pole = false;
  Freedom freedom = Freedom::none;
};

struct FitModel {
  std::vector<FitFactor> factors;
  double log_power = 0;  ///< logarithm of the square of the gain before the factors

  double log_power_at(const HalfAngles& at) const;
};

struct FitPoint {
  HalfAngles at;
  double log_power = 0;  ///< the target
  double weight = 1;
  bool counts = true;  ///< whether the largest error is looked for here
};

/// Largest |error| over the points that count, in the logarithm of the power.
double largest_error(const FitModel& model, std::span<const FitPoint> points);

/// Moves the free factors and the gain (Levenberg–Marquardt), then evens out the largest errors by
/// weights [Lawson1961]. Returns as soon as the largest error is at most `enough`.
/// Returns the largest error. At most 10 pairs.
double fit(FitModel& model, std::span<const FitPoint> points, double enough);

}  // namespace tutti
