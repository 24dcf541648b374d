// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/impulse.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "host/dsp/impulse_transform.hpp"

namespace tutti {
namespace {

// Below this many products the sum itself is faster than three transforms.
constexpr std::size_t kDirectProducts = 1 << 16;

/// Eight maxima side by side: one would wait for itself at every sample.
template <typename Sample>
Sample peak_of(std::span<const Sample> x) {
  constexpr std::size_t kLanes = 8;
  Sample peaks[kLanes] = {};
  std::size_t n = 0;
  for (; n + kLanes <= x.size(); n += kLanes)
    for (std::size_t i = 0; i < kLanes; ++i) {
      const Sample value = std::abs(x[n + i]);
      peaks[i] = peaks[i] < value ? value : peaks[i];
    }
  for (; n < x.size(); ++n) peaks[0] = std::max(peaks[0], std::abs(x[n]));
  return *std::max_element(peaks, peaks + kLanes);
}

template <typename Sample>
std::size_t count_audible(std::span<const Sample> impulse, double floor_db) {
  const double floor = db_to_linear(floor_db) * static_cast<double>(peak_of(impulse));
  std::size_t count = impulse.size();
  while (count > 0 && static_cast<double>(std::abs(impulse[count - 1])) <= floor) --count;
  return count;
}

// Largest pole radius: for complex poles √a2, else from the quadratic formula.
double pole_radius(const BiquadDesign& section) {
  const double discriminant = section.a1 * section.a1 - 4 * section.a2;
  if (discriminant < 0) return std::sqrt(section.a2);
  return 0.5 * (std::abs(section.a1) + std::sqrt(discriminant));
}

double run_sections(std::span<const BiquadDesign> sections, std::span<BiquadState> states,
                    double x) {
  for (std::size_t s = 0; s < sections.size(); ++s) x = biquad_step(sections[s], states[s], x);
  return x;
}

}  // namespace

std::vector<double> filter_impulse(std::span<const double> impulse,
                                   std::span<const BiquadDesign> sections) {
  double radius = 0;
  for (const BiquadDesign& section : sections) radius = std::max(radius, pole_radius(section));
  if (!(radius < 1)) throw std::invalid_argument("filter_impulse: a section is not stable");
  std::vector<BiquadState> states(sections.size());
  std::vector<double> out;
  out.reserve(impulse.size() + 4096);
  for (double x : impulse) out.push_back(run_sections(sections, states, x));

  // The slowest pole loses e^−3 in 3/(1 − radius) frames, and no oscillation of the response is
  // longer than that: when so long a stretch has stayed 20 dB under the floor, the rest does too.
  const std::size_t limit = std::max(impulse.size(), static_cast<std::size_t>(kMaxImpulseFrames));
  const std::size_t stretch = static_cast<std::size_t>(
      std::clamp(3.0 / (1.0 - radius), 64.0, static_cast<double>(kMaxImpulseFrames)));
  const double floor = db_to_linear(kImpulseFloorDb - 20);
  double peak = peak_of(std::span<const double>(out)), loudest = peak;
  while (out.size() < limit && loudest > floor * peak) {
    loudest = 0;
    for (std::size_t n = 0; n < stretch && out.size() < limit; ++n) {
      out.push_back(run_sections(sections, states, 0));
      loudest = std::max(loudest, std::abs(out.back()));
    }
    peak = std::max(peak, loudest);
  }
  return trim_impulse(std::move(out));
}

std::vector<double> convolve_impulses(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return {};
  if (a.size() < b.size()) std::swap(a, b);
  if (b.size() > kDirectProducts / a.size()) return impulse_transform::convolve(a, b);
  std::vector<double> out(a.size() + b.size() - 1, 0.0);
  for (std::size_t k = 0; k < b.size(); ++k) {
    for (std::size_t n = 0; n < a.size(); ++n) out[n + k] += a[n] * b[k];
  }
  return out;
}

std::vector<double> trim_impulse(std::vector<double> impulse, double floor_db) {
  impulse.resize(audible_taps(std::span<const double>(impulse), floor_db));
  return impulse;
}

std::size_t audible_taps(std::span<const float> impulse, double floor_db) {
  return count_audible(impulse, floor_db);
}

std::size_t audible_taps(std::span<const double> impulse, double floor_db) {
  return count_audible(impulse, floor_db);
}

std::vector<double> delay_impulse(std::span<const double> impulse, Frames frames) {
  std::vector<double> out(static_cast<std::size_t>(frames) + impulse.size(), 0.0);
  std::copy(impulse.begin(), impulse.end(), out.begin() + frames);
  return out;
}

}  // namespace tutti
