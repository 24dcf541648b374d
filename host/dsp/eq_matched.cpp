// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/eq_matched.hpp"

#include <algorithm>
#include <cmath>

#include "host/audio/units.hpp"

namespace tutti {
namespace {

// Π(1 − exp(s_k ω0) z⁻¹) over the roots s_k of p0 + p1 s + p2 s².
Factor matched_factor(double p0, double p1, double p2, double omega0) {
  if (p2 == 0) return {p1 == 0 ? 0.0 : -std::exp(-p0 / p1 * omega0), 0};
  const double omega = std::sqrt(p0 / p2) * omega0;
  const double damping = p1 / (2 * std::sqrt(p0 * p2));
  const double radius = std::exp(-damping * omega);
  if (damping >= 1) {
    const double apart = omega * std::sqrt(damping * damping - 1);
    return {-std::exp(apart - damping * omega) - std::exp(-apart - damping * omega),
            radius * radius};
  }
  // A root beyond Nyquist would fold back: it stays at Nyquist.
  const double angle = std::min(kPi, omega * std::sqrt(1 - damping * damping));
  return {-2 * radius * std::cos(angle), radius * radius};
}

Factor matched_poles(const AnalogSection& s, double omega0) {
  return matched_factor(s.d0, s.d1, s.d2, omega0);
}

// An analogue filter that falls with ω^−r has r zeros at infinity. Matched poles alone fall short
// of it by (sin(ω/2)/(ω/2))^r, whatever the filter (as long as its poles lie low): a function of r
// that a few zeros, and a pole for r = 1, 2 and odd r, follow within 0.03 dB up to 0.9 π.
FitModel fit_roll_off(int order) {
  constexpr int kPoints = 60;
  constexpr double kTop = 0.9 * kPi;
  std::vector<FitPoint> points;
  for (int i = 0; i < kPoints; ++i) {
    const double omega = kTop * (1 - std::cos(kPi * (i + 0.5) / kPoints)) / 2;
    const double log_target = 2 * order * std::log(std::sin(omega / 2) / (omega / 2));
    points.push_back({half_angles(omega), log_target, 1, true});
  }
  FitModel model;
  for (int i = 0; i < (order + 1) / 2; ++i)
    model.factors.push_back({{0.3 + 0.1 * i, 0.02}, false, Freedom::pair});
  const bool pole = order == 2 || order % 2 == 1;
  model.factors.push_back({{pole ? 0.2 : 0, 0}, true, pole ? Freedom::real : Freedom::none});
  fit(model, points, 1e-4);  // 0.0004 dB
  return model;
}

template <int kOrder>
const FitModel& roll_off_of() {
  static const FitModel model = fit_roll_off(kOrder);
  return model;
}

// Zero pairs first, the pole last. Each order is fitted once, when it is first asked for.
const FitModel& roll_off(int order) {
  static constexpr const FitModel& (*kOf[])() = {roll_off_of<1>, roll_off_of<2>, roll_off_of<3>,
                                                 roll_off_of<4>, roll_off_of<5>, roll_off_of<6>,
                                                 roll_off_of<7>, roll_off_of<8>};
  return kOf[order - 1]();
}

double log_dc_power(const Factor& f) { return 2 * std::log(1 + f.c1 + f.c2); }

void add_section(FitModel& model, Factor zeros, Freedom zeros_freedom, Factor poles) {
  model.factors.push_back({zeros, false, zeros_freedom});
  model.factors.push_back({poles, true, Freedom::pair});
}

FitModel low_pass_model(const EqPrototype& prototype, double omega0) {
  const int order = 2 * prototype.count - (prototype.sections[prototype.count - 1].d2 == 0);
  const FitModel& fall = roll_off(order);
  const Factor& pole = fall.factors.back().value;
  FitModel model;
  model.log_power = fall.log_power;
  for (int i = 0; i < prototype.count; ++i) {
    const AnalogSection& s = prototype.sections[i];
    Factor poles = matched_poles(s, omega0);
    model.log_power += log_dc_power(poles);
    if (s.d2 == 0) poles = {poles.c1 + pole.c1, poles.c1 * pole.c1};
    add_section(model, fall.factors[i].value, Freedom::pair, poles);
  }
  if (order == 2) add_section(model, {}, Freedom::pair, pole);
  return model;
}

// |H| → ω n1/(d0 ω0) towards DC, where the zero at z = 1 is worth ω.
FitModel band_pass_model(const AnalogSection& s, double omega0) {
  const FitModel& fall = roll_off(1);
  const Factor zeros = fall.factors[0].value, poles = matched_poles(s, omega0);
  const double root = std::sqrt(std::max(0.0, zeros.c1 * zeros.c1 / 4 - zeros.c2));
  const double near = zeros.c1 / 2 - root, far = zeros.c1 / 2 + root;
  FitModel model;
  model.log_power = fall.log_power + log_dc_power(poles) + 2 * std::log(s.n1 / (s.d0 * omega0));
  add_section(model, {near - 1, -near}, Freedom::real_and_dc_zero, poles);
  add_section(model, {far, 0}, Freedom::pair, fall.factors[1].value);
  return model;
}

// Twelve points over the band and nine around the filter's own frequency; those that would pass the
// top wait there, so that a moving band meets no jump.
std::vector<double> few_points(const EqPlace& place) {
  std::vector<double> omegas;
  for (int i = 1; i <= 12; ++i) omegas.push_back(place.omega_top * i / 12);
  for (int i = -4; i <= 4; ++i)
    omegas.push_back(std::min(place.omega0 * std::exp2(i / 2.0), place.omega_top));
  return omegas;
}

// The gain that leaves equal errors above and below the target.
void centre_gain(FitModel& model, const EqPrototype& prototype, const EqPlace& place) {
  double lowest = HUGE_VAL, highest = -HUGE_VAL;
  for (const double omega : few_points(place)) {
    const double target = power_gain(prototype, omega / place.omega0);
    if (target < 1e-9) continue;  // at a notch both sides vanish
    const double error = model.log_power_at(half_angles(omega)) - std::log(target);
    lowest = std::min(lowest, error);
    highest = std::max(highest, error);
  }
  if (lowest <= highest) model.log_power -= (lowest + highest) / 2;
}

// Zeros at DC (high-pass) or on the circle (notch): only the gain is free.
FitModel fixed_zeros_model(const EqPrototype& prototype, const EqPlace& place) {
  FitModel model;
  for (int i = 0; i < prototype.count; ++i) {
    const AnalogSection& s = prototype.sections[i];
    const Factor poles = matched_poles(s, place.omega0);
    if (s.d2 == 0)
      add_section(model, {-1, 0}, Freedom::real_and_dc_zero, poles);
    else if (s.n0 == 0)
      add_section(model, {-2, 1}, Freedom::none, poles);
    else
      add_section(model, {-2 * std::cos(place.omega0), 1}, Freedom::none, poles);
  }
  centre_gain(model, prototype, place);
  return model;
}

// 1 + c1 z⁻¹ + c2 z⁻² of minimum phase with a power in proportion to dc·cos² + nyquist·sin² +
// cross·(4 cos² sin²) [Vicanek2016]. Zeros come no nearer to the circle than `most_c2`.
Factor factor_spectrum(double dc, double nyquist, double cross, double most_c2) {
  const double root_dc = std::sqrt(dc), root_nyquist = std::sqrt(nyquist);
  const double w = (root_dc + root_nyquist) / 2;
  const double b0 = (w + std::sqrt(std::max(w * w + cross, 0.0))) / 2;
  const double c1 = (root_dc - root_nyquist) / (2 * b0), c2 = -cross / (4 * b0 * b0);
  if (c2 <= most_c2) return {c1, c2};
  return {c1 * (1 + most_c2) / (1 + c2), most_c2};
}

// Numerator of a bell, shelf or tilt: exact at DC, relative least squares elsewhere. The unknowns
// go with sin² and sin⁴, which stay apart at low frequencies: |B|² = B0 cos² + C sin² − 4 B2 sin⁴.
FitModel free_zeros_model(const AnalogSection& s, const EqPlace& place) {
  const Factor poles = matched_poles(s, place.omega0);
  const double dc = s.n0 / s.d0 * (1 + poles.c1 + poles.c2);
  double xx = 0, xy = 0, yy = 0, xr = 0, yr = 0;
  for (const double omega : few_points(place)) {
    const HalfAngles at = half_angles(omega);
    const double scale = 1 / (power_gain(s, omega / place.omega0) * power_gain(poles, at));
    const double x = at.sin2 * scale, y = -4 * at.sin2 * x, rest = 1 - dc * dc * at.cos2 * scale;
    xx += x * x;
    xy += x * y;
    yy += y * y;
    xr += x * rest;
    yr += y * rest;
  }
  const double determinant = xx * yy - xy * xy;
  const double slope = (xr * yy - yr * xy) / determinant;
  const double bend = (yr * xx - xr * xy) / determinant;
  // A numerator that falls too far below its target at Nyquist (or below nothing) is raised along
  // sin⁴, which leaves low frequencies alone.
  const double least = 0.25 * power_gain(s, kPi / place.omega0) * power_gain(poles, {0, 1, 0});
  const double nyquist = std::max(slope - 4 * bend, least);
  // At least half the damping of the analogue zeros; 0.3 lies far from the circle.
  const double analog_c2 = matched_factor(s.n0, s.n1, s.n2, place.omega0).c2;
  const Factor zeros =
      factor_spectrum(dc * dc, nyquist, (slope - nyquist) / 4, std::max(0.3, std::sqrt(analog_c2)));
  FitModel model;
  model.log_power = 2 * std::log(dc) - log_dc_power(zeros);
  add_section(model, zeros, Freedom::pair, poles);
  return model;
}

}  // namespace

int matched_section_count(const EqBandSpec& band, const EqPrototype& prototype) {
  const bool one_more =
      band.type == EqBandType::band_pass ||
      (band.type == EqBandType::low_pass && prototype.count == 1 && prototype.sections[0].d2 != 0);
  return prototype.count + one_more;
}

FitModel matched_model(const EqBandSpec& band, const EqPrototype& prototype, const EqPlace& place) {
  switch (band.type) {
    case EqBandType::low_pass:
      return low_pass_model(prototype, place.omega0);
    case EqBandType::band_pass:
      return band_pass_model(prototype.sections[0], place.omega0);
    case EqBandType::high_pass:
    case EqBandType::notch:
      return fixed_zeros_model(prototype, place);
    default:
      return free_zeros_model(prototype.sections[0], place);
  }
}

FitModel matched_start(const EqBandSpec& band, const EqPrototype& prototype, const EqPlace& place) {
  const AnalogSection& s = prototype.sections[0];
  FitModel model = matched_model(band, prototype, place);
  if (band.type != EqBandType::low_pass && s.n0 != 0 && s.n1 != 0) {
    model.factors[0].value = matched_factor(s.n0, s.n1, s.n2, place.omega0);
    centre_gain(model, prototype, place);
  }
  return model;
}

}  // namespace tutti
