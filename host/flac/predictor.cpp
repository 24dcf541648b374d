// SPDX-License-Identifier: Apache-2.0
#include "host/flac/predictor.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tutti::flac {
namespace {

constexpr int kMostShift = 15;

using Coefficients = std::array<double, kMostPredictorOrder>;

/// Of each order: the predictor, and the energy of what it leaves.
struct Ladder {
  std::array<Coefficients, kMostPredictorOrder> coefficients{};
  std::array<double, kMostPredictorOrder> error{};
  int orders = 0;
};

/// Levinson's and Durbin's recursion: the predictor of each order from that of the one before.
Ladder climb(const std::array<double, kMostPredictorOrder + 1>& correlation) {
  Ladder ladder;
  Coefficients a{};
  double error = correlation[0];
  for (int i = 0; i < kMostPredictorOrder && error > 0; ++i) {
    double reflection = correlation[i + 1];
    for (int k = 0; k < i; ++k) reflection -= a[k] * correlation[i - k];
    reflection /= error;
    Coefficients next = a;
    next[i] = reflection;
    for (int k = 0; k < i; ++k) next[k] = a[k] - reflection * a[i - 1 - k];
    a = next;
    error *= 1 - reflection * reflection;
    if (!std::isfinite(error)) break;
    ladder.coefficients[i] = a;
    ladder.error[i] = std::max(error, 0.0);
    ladder.orders = i + 1;
  }
  return ladder;
}

/// Bits of one residual of that variance: of a Laplacian, log2(e * sqrt(2 * variance)), which a
/// Rice code comes close to; it takes one at least.
double bits_of(double variance) {
  const double bits = 0.5 * std::log2(2 * std::numbers::e * std::numbers::e * variance);
  return std::max(bits, 1.0);
}

/// By how many bits coefficients up to that magnitude can be shifted; below 0: not at all.
int shift_of(const Coefficients& a, int order) {
  double largest = 0;
  for (int k = 0; k < order; ++k) largest = std::max(largest, std::abs(a[k]));
  int exponent = 0;
  std::frexp(largest, &exponent);
  return std::min(kCoefficientBits - 1 - exponent, kMostShift);
}

/// Whole numbers. Each carries the rounding of those before it: their sum, the gain of the lowest
/// frequencies where music has most of its energy, stays right.
std::optional<Predictor> quantise(const Coefficients& a, int order) {
  constexpr double kMost = (1 << (kCoefficientBits - 1)) - 1;
  Predictor found;
  found.fixed = false;
  found.order = order;
  found.shift = shift_of(a, order);
  if (found.shift < 0) return std::nullopt;
  double carried = 0;
  for (int k = 0; k < order; ++k) {
    const double wanted = std::ldexp(a[k], found.shift) + carried;
    const double whole = std::clamp(std::round(wanted), -kMost - 1, kMost);
    carried = wanted - whole;
    found.coefficients[k] = static_cast<std::int32_t>(whole);
  }
  return found;
}

}  // namespace

Predictor fixed_predictor(int order) {
  constexpr std::array<std::array<std::int32_t, 4>, 5> kPolynomials = {
      {{}, {1}, {2, -1}, {3, -3, 1}, {4, -6, 4, -1}}};
  Predictor predictor;
  predictor.order = order;
  for (int k = 0; k < order; ++k) predictor.coefficients[k] = kPolynomials[order][k];
  return predictor;
}

double fill_window(std::span<double> window) {
  constexpr double kSteps = 1 << 30;
  const auto count = static_cast<double>(window.size());
  double sum = 0;
  for (std::size_t n = 0; n < window.size(); ++n) {
    const double from_end = (static_cast<double>(std::min(n, window.size() - 1 - n)) + 0.5) / count;
    const double gain =
        from_end < 0.25 ? 0.5 - 0.5 * std::cos(4 * std::numbers::pi * from_end) : 1.0;
    window[n] = std::round(gain * kSteps) / kSteps;
    sum += window[n] * window[n];
  }
  return sum;
}

std::optional<Predictor> find_predictor(
    const std::array<double, kMostPredictorOrder + 1>& correlation, double energy, int frames,
    int sample_bits) {
  if (!(correlation[0] > 0)) return std::nullopt;
  const Ladder ladder = climb(correlation);
  int best = 0;
  double fewest = INFINITY;
  for (int order = 1; order <= ladder.orders; ++order) {
    // Rounding leaves each coefficient wrong by up to half a step: by 1/12 of a step's square.
    const double step = std::ldexp(1.0, -shift_of(ladder.coefficients[order - 1], order));
    const double rounding = order * step * step / 12 * correlation[0];
    const double bits = bits_of((ladder.error[order - 1] + rounding) / energy) * (frames - order) +
                        static_cast<double>(order * (sample_bits + kCoefficientBits));
    if (bits < fewest) {
      fewest = bits;
      best = order;
    }
  }
  if (best == 0) return std::nullopt;
  return quantise(ladder.coefficients[best - 1], best);
}

}  // namespace tutti::flac
