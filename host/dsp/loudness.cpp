// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/loudness.hpp"

#include <algorithm>
#include <cmath>

namespace tutti {
namespace {

// Analogue prototypes whose bilinear transforms at 48 kHz are Tables 1 and 2 of [BS1770-5].
constexpr double kShelfHz = 1681.974450955533;
constexpr double kShelfGainDb = 3.999843853973347;
constexpr double kShelfQ = 0.7071752369554196;
constexpr double kShelfBandExponent = 0.4996667741545416;
constexpr double kHighPassHz = 38.13547087602444;
constexpr double kHighPassQ = 0.5003270373238773;
constexpr double kTableRateHz = 48000;

constexpr double kAbsoluteGateLufs = -70;
constexpr double kRelativeGateLu = -10;
constexpr double kRangeGateLu = -20;

double warped(double frequency_hz, double sample_rate_hz) {
  return std::tan(kPi * frequency_hz / sample_rate_hz);
}

double high_pass_denominator(double sample_rate_hz) {
  const double k = warped(kHighPassHz, sample_rate_hz);
  return 1 + k / kHighPassQ + k * k;
}

BiquadDesign shelf(double sample_rate_hz) {
  const double k = warped(kShelfHz, sample_rate_hz);
  const double top = db_to_linear(kShelfGainDb);
  const double band = std::pow(top, kShelfBandExponent);
  const double a0 = 1 + k / kShelfQ + k * k;
  return {(top + band * k / kShelfQ + k * k) / a0, 2 * (k * k - top) / a0,
          (top - band * k / kShelfQ + k * k) / a0, 2 * (k * k - 1) / a0,
          (1 - k / kShelfQ + k * k) / a0};
}

// The table's numerator (1, −2, 1) leaves a passband gain of 1.005 at 48 kHz. Kept at other rates
// it would make the reading depend on the rate by up to 0.04 dB, so the numerator is scaled to the
// same passband gain.
BiquadDesign high_pass(double sample_rate_hz) {
  const double k = warped(kHighPassHz, sample_rate_hz);
  const double a0 = high_pass_denominator(sample_rate_hz);
  const double gain = high_pass_denominator(kTableRateHz) / a0;
  return {gain, -2 * gain, gain, 2 * (k * k - 1) / a0, (1 - k / kHighPassQ + k * k) / a0};
}

std::complex<double> section(const BiquadDesign& d, std::complex<double> z) {
  return (d.b0 + (d.b1 + d.b2 * z) * z) / (1.0 + (d.a1 + d.a2 * z) * z);
}

double mean(std::span<const double> values) {
  double sum = 0;
  for (double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::vector<double> keep_above(std::span<const double> powers, double gate_lufs) {
  std::vector<double> kept;
  for (double power : powers)
    if (power_to_lufs(power) > gate_lufs) kept.push_back(power);
  return kept;
}

std::vector<double> keep_from(std::span<const double> powers, double gate_lufs) {
  std::vector<double> kept;
  for (double power : powers)
    if (power_to_lufs(power) >= gate_lufs) kept.push_back(power);
  return kept;
}

}  // namespace

KWeightingDesign k_weighting(double sample_rate_hz) {
  return {shelf(sample_rate_hz), high_pass(sample_rate_hz)};
}

std::complex<double> response(const KWeightingDesign& design, double omega) {
  const std::complex<double> z = std::polar(1.0, -omega);
  return section(design.shelf, z) * section(design.high_pass, z);
}

// Sliding sums without cancellation: within runs of window_bins, a window is a suffix of one run
// plus a prefix of the next [vanHerk1992, for sums].
std::vector<double> window_powers(std::span<const double> bin_energies, double sample_rate_hz,
                                  int window_bins, int hop_bins) {
  const auto bins = static_cast<std::int64_t>(bin_energies.size());
  std::vector<double> powers;
  if (bins < window_bins) return powers;
  std::vector<double> suffix(bin_energies.begin(), bin_energies.end());
  std::vector<double> prefix = suffix;
  for (std::int64_t run = 0; run < bins; run += window_bins) {
    const std::int64_t end = std::min<std::int64_t>(run + window_bins, bins);
    for (std::int64_t i = end - 2; i >= run; --i) suffix[i] += suffix[i + 1];
    for (std::int64_t i = run + 1; i < end; ++i) prefix[i] += prefix[i - 1];
  }
  powers.reserve((bins - window_bins) / hop_bins + 1);
  std::int64_t run = 0;  // of the window's first bin
  for (std::int64_t first = 0; first + window_bins <= bins; first += hop_bins) {
    while (run + window_bins <= first) run += window_bins;
    const std::int64_t last = first + window_bins;
    const double energy = first == run ? suffix[first] : suffix[first] + prefix[last - 1];
    const Frames frames = bin_start(last, sample_rate_hz) - bin_start(first, sample_rate_hz);
    powers.push_back(energy / static_cast<double>(frames));
  }
  return powers;
}

double power_to_lufs(double power) { return -0.691 + power_to_db(power); }

double lufs_to_power(double level_lufs) { return std::pow(10.0, (level_lufs + 0.691) / 10); }

std::optional<double> gated_loudness_lufs(std::span<const double> block_powers) {
  const std::vector<double> audible = keep_above(block_powers, kAbsoluteGateLufs);
  if (audible.empty()) return std::nullopt;
  const double gate_lufs = power_to_lufs(mean(audible)) + kRelativeGateLu;
  const std::vector<double> foreground = keep_above(audible, gate_lufs);
  if (foreground.empty()) return std::nullopt;
  return power_to_lufs(mean(foreground));
}

std::optional<double> loudness_range_lu(std::span<const double> short_term_powers) {
  const std::vector<double> audible = keep_from(short_term_powers, kAbsoluteGateLufs);
  if (audible.empty()) return std::nullopt;
  std::vector<double> kept = keep_from(audible, power_to_lufs(mean(audible)) + kRangeGateLu);
  if (kept.empty()) return std::nullopt;
  std::sort(kept.begin(), kept.end());
  const auto percentile = [&](double percent) {
    return kept[std::lround(static_cast<double>(kept.size() - 1) * percent / 100)];
  };
  return power_to_db(percentile(95) / percentile(10));
}

std::optional<double> loudest_lufs(std::span<const double> powers) {
  if (powers.empty()) return std::nullopt;
  const double loudest = *std::max_element(powers.begin(), powers.end());
  if (loudest <= 0) return std::nullopt;
  return power_to_lufs(loudest);
}

}  // namespace tutti
