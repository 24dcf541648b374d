// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/eq_refine.hpp"

#include <algorithm>
#include <cmath>

#include "host/audio/units.hpp"

namespace tutti {
namespace {

constexpr double kLogPowerPerDb = 0.230258509299404568401799145468436421;  // ln(10)/10
// Below −60 dB the flanks of a notch are so steep that only their place matters.
constexpr double kNotchFloor = 1e-6;

class Grid {
 public:
  Grid(const EqBandSpec& band, const EqPrototype& prototype, const EqPlace& place)
      : prototype_(prototype),
        place_(place),
        floor_(band.type == EqBandType::notch ? kNotchFloor : 0) {
    add_whole_band();
    for (int i = 0; i < prototype.count; ++i) {
      const AnalogSection& s = prototype.sections[i];
      add_around_root(s.d0, s.d1, s.d2);
      add_around_root(s.n0, s.n1, s.n2);
    }
    add_beyond_top();
  }
  const std::vector<FitPoint>& points() const { return points_; }

 private:
  void add(double omega, double weight, bool counts) {
    const double target = power_gain(prototype_, omega / place_.omega0);
    if (target > floor_) points_.push_back({half_angles(omega), std::log(target), weight, counts});
  }

  // Dense towards both ends, as the extrema of an error of equal ripple are, then three decades.
  void add_whole_band() {
    constexpr int kPoints = 44, kLowPoints = 14;
    for (int i = 0; i < kPoints; ++i)
      add(place_.omega_top * (1 - std::cos(kPi * (i + 0.5) / kPoints)) / 2, 1, true);
    add(place_.omega_top, 1, true);
    const double low = std::min(place_.omega_top, place_.omega0) / 100;
    for (int i = 0; i < kLowPoints; ++i)
      add(low * std::pow(place_.omega_top / low, static_cast<double>(i) / kLowPoints), 1, true);
  }

  // Around |root| of p0 + p1 s + p2 s², in steps of its bandwidth.
  void add_around_root(double p0, double p1, double p2) {
    if (p0 == 0 || p1 == 0 || p2 == 0) return;
    const double centre = std::sqrt(p0 / p2) * place_.omega0;
    const double half_width = std::min(p1 / std::sqrt(p0 * p2), 3.0) / 2;
    for (const double t : {-6.0, -3.0, -1.5, -0.75, -0.3, 0.0, 0.3, 0.75, 1.5, 3.0, 6.0}) {
      const double omega = centre * std::exp(std::asinh(t * half_width));
      if (omega < place_.omega_top) add(omega, 1, true);
    }
  }

  // A light hand between the top and Nyquist keeps the response there within a few dB.
  void add_beyond_top() {
    constexpr int kPoints = 5;
    constexpr double kWeight = 0.02;
    for (int i = 1; i <= kPoints; ++i)
      add(place_.omega_top + (kPi - place_.omega_top) * i / kPoints, kWeight, false);
  }

  const EqPrototype& prototype_;
  EqPlace place_;
  double floor_;
  std::vector<FitPoint> points_;
};

// One section more, near nothing: a pole pair and a zero pair that almost cancel.
void add_free_section(FitModel& model) {
  model.factors.push_back({{0.55, 0.05}, false, Freedom::pair});
  model.factors.push_back({{0.45, 0.02}, true, Freedom::pair});
}

FitModel exact_model(const EqBandSpec& band, const EqPrototype& prototype, const EqPlace& place) {
  constexpr double kEnough = kEqEnoughDb * kLogPowerPerDb;
  const std::vector<FitPoint> points = Grid(band, prototype, place).points();
  FitModel best = matched_model(band, prototype, place);
  double error = largest_error(best, points);
  const auto try_fit = [&](FitModel model) {
    const double fitted = fit(model, points, kEnough);
    if (fitted < error) {
      error = fitted;
      best = std::move(model);
    }
  };
  if (error > kEnough) try_fit(matched_start(band, prototype, place));
  if (error > kEnough && matched_section_count(band, prototype) == prototype.count) {
    FitModel longer = matched_start(band, prototype, place);
    add_free_section(longer);
    try_fit(std::move(longer));
  }
  return best;
}

// Each section gets the gain of its analogue section an octave below the band's frequency (a
// section of ours: 0 dB), so that the level between sections stays sensible; the first takes the
// rest.
std::vector<BiquadDesign> sections_of(const FitModel& model, const EqPrototype& prototype,
                                      const EqPlace& place) {
  const HalfAngles at = half_angles(place.omega0 / 2);
  std::vector<BiquadDesign> sections;
  double rest = model.log_power;
  std::vector<double> log_powers;
  for (std::size_t i = 0; i < model.factors.size() / 2; ++i) {
    const Factor &zeros = model.factors[2 * i].value, &poles = model.factors[2 * i + 1].value;
    const double analog =
        static_cast<int>(i) < prototype.count ? power_gain(prototype.sections[i], 0.5) : 1.0;
    log_powers.push_back(std::log(analog * power_gain(poles, at) / power_gain(zeros, at)));
    rest -= log_powers.back();
    sections.push_back({1, zeros.c1, zeros.c2, poles.c1, poles.c2});
  }
  log_powers[0] += rest;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const double gain = std::exp(log_powers[i] / 2);
    sections[i].b0 *= gain;
    sections[i].b1 *= gain;
    sections[i].b2 *= gain;
  }
  return sections;
}

}  // namespace

double eq_top_hz(double sample_rate_hz) {
  return std::min(std::max(20000.0, 0.4 * sample_rate_hz), 0.45 * sample_rate_hz);
}

std::vector<BiquadDesign> exact_sections(const EqBandSpec& band, const EqPrototype& prototype,
                                         const EqPlace& place) {
  return sections_of(exact_model(band, prototype, place), prototype, place);
}

std::vector<BiquadDesign> quick_sections(const EqBandSpec& band, const EqPrototype& prototype,
                                         const EqPlace& place) {
  return sections_of(matched_model(band, prototype, place), prototype, place);
}

}  // namespace tutti
