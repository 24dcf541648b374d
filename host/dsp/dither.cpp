// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/dither.hpp"

#include <algorithm>
#include <cmath>

namespace tutti {
namespace {

// [Salmon2011, section 3.3 and table 2]: multipliers and Weyl increments of Philox-4x32.
constexpr std::uint64_t kMultiplier0 = 0xD2511F53u;
constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57u;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9u;
constexpr std::uint32_t kWeyl1 = 0xBB67AE85u;

constexpr std::size_t kBlock =
    256;  // frames per pass: noise and samples stay in the first-level cache

/// Threshold of hearing in dB SPL [Terhardt1979, eq. 1].
double hearing_threshold_db(double frequency_hz) {
  const double khz = std::max(frequency_hz, 20.0) / 1000;
  return 3.64 * std::pow(khz, -0.8) - 6.5 * std::exp(-0.6 * (khz - 3.3) * (khz - 3.3)) +
         1e-3 * std::pow(khz, 4);
}

/// Autocorrelation of a power spectrum that is sampled at the midpoints of equal bands of [0, π].
std::vector<double> autocorrelation(const std::vector<double>& power, std::size_t lags) {
  std::vector<double> result(lags);
  const auto bands = static_cast<double>(power.size());
  for (std::size_t lag = 0; lag < lags; ++lag) {
    for (std::size_t band = 0; band < power.size(); ++band) {
      const double omega = kPi * (static_cast<double>(band) + 0.5) / bands;
      result[lag] += power[band] * std::cos(omega * static_cast<double>(lag)) / bands;
    }
  }
  return result;
}

/// Levinson–Durbin: the monic minimum-phase filter of that order with the least output power for a
/// signal of that autocorrelation; without the leading 1.
std::vector<double> whitening_filter(const std::vector<double>& correlation) {
  std::vector<double> filter;
  double error = correlation[0];
  for (std::size_t order = 1; order < correlation.size(); ++order) {
    double sum = correlation[order];
    for (std::size_t k = 0; k < filter.size(); ++k) sum += filter[k] * correlation[order - 1 - k];
    const double reflection = -sum / error;
    std::vector<double> next(filter);
    for (std::size_t k = 0; k < filter.size(); ++k) {
      next[k] += reflection * filter[filter.size() - 1 - k];
    }
    next.push_back(reflection);
    filter = std::move(next);
    error *= 1 - reflection * reflection;
  }
  return filter;
}

double power_gain_db(const std::vector<double>& feedback) {
  double power = 1;
  for (const double coefficient : feedback) power += coefficient * coefficient;
  return power_to_db(power);
}

}  // namespace

std::array<std::uint32_t, 4> philox(const std::array<std::uint32_t, 4>& counter,
                                    const std::array<std::uint32_t, 2>& key) {
  std::array<std::uint32_t, 4> x = counter;
  std::uint32_t key0 = key[0];
  std::uint32_t key1 = key[1];
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = kMultiplier0 * x[0];
    const std::uint64_t product1 = kMultiplier1 * x[2];
    x = {static_cast<std::uint32_t>(product1 >> 32) ^ x[1] ^ key0,
         static_cast<std::uint32_t>(product1),
         static_cast<std::uint32_t>(product0 >> 32) ^ x[3] ^ key1,
         static_cast<std::uint32_t>(product0)};
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  return x;
}

// The noise is least audible where ∫ |NTF|²/threshold is least; with a monic NTF that is the
// whitening filter of the spectrum 1/threshold [GerzonCraven1989]. Left alone it would pile up
// noise without limit where nothing is heard, so the weight gets a floor: the lowest that keeps the
// total noise within 18 dB of white.
std::vector<double> design_noise_shaping(double sample_rate_hz) {
  constexpr std::size_t kOrder = 12;
  constexpr std::size_t kBands = 1024;
  constexpr double kMaximumGainDb = 18;
  std::vector<double> weight(kBands);
  double peak = 0;
  for (std::size_t band = 0; band < kBands; ++band) {
    const double frequency_hz = sample_rate_hz / 2 * (static_cast<double>(band) + 0.5) / kBands;
    weight[band] = std::pow(10.0, -std::min(hearing_threshold_db(frequency_hz), 200.0) / 10);
    peak = std::max(peak, weight[band]);
  }
  const auto with_floor = [&](double floor_db) {
    std::vector<double> floored(weight);
    const double floor = peak * std::pow(10.0, floor_db / 10);
    for (double& value : floored) value += floor;
    return whitening_filter(autocorrelation(floored, kOrder + 1));
  };
  double low_db = -120;
  double high_db = 20;
  for (int step = 0; step < 24; ++step) {
    const double middle_db = (low_db + high_db) / 2;
    (power_gain_db(with_floor(middle_db)) > kMaximumGainDb ? low_db : high_db) = middle_db;
  }
  return with_floor(high_db);
}

Quantiser::Quantiser(DitherKind kind, int bits, double sample_rate_hz, std::uint64_t seed,
                     int channel)
    : kind_(kind), scale_(std::ldexp(1.0, bits - 1)), seed_(seed), channel_(channel) {
  if (kind == DitherKind::shaped) {
    shaping_ = design_noise_shaping(sample_rate_hz);
    errors_.resize(shaping_.size());
  }
}

/// Triangular noise of ±1 step: the difference of two 16-bit halves of a word, exact in double.
/// One counter serves four frames.
void Quantiser::fill_noise(Frames first, std::span<double> noise) const {
  const std::array<std::uint32_t, 2> key = {static_cast<std::uint32_t>(seed_),
                                            static_cast<std::uint32_t>(seed_ >> 32)};
  const Frames end = first + static_cast<Frames>(noise.size());
  for (Frames group = first & ~Frames{3}; group < end; group += 4) {
    const auto index = static_cast<std::uint64_t>(group) >> 2;
    const auto words =
        philox({static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32),
                static_cast<std::uint32_t>(channel_), 0},
               key);
    for (int i = 0; i < 4; ++i) {
      const Frames frame = group + i;
      if (frame < first || frame >= end) continue;
      const std::uint32_t word = words[static_cast<std::size_t>(i)];
      const auto difference =
          static_cast<std::int32_t>(word & 0xffffu) - static_cast<std::int32_t>(word >> 16);
      noise[static_cast<std::size_t>(frame - first)] = difference * 0x1p-16;
    }
  }
}

std::int64_t Quantiser::shape(std::span<const float> in, std::span<const double> noise,
                              std::span<std::int32_t> out) {
  std::int64_t clipped = 0;
  const std::size_t order = shaping_.size();
  for (std::size_t n = 0; n < in.size(); ++n) {
    // With error e = out − wanted, out = in + noise·NTF needs wanted = in + Σ h[k]·e[n−1−k].
    double wanted = static_cast<double>(in[n]) * scale_;
    for (std::size_t k = 0; k < order; ++k) wanted += shaping_[k] * errors_[k];
    const double rounded = std::nearbyint(wanted + noise[n]);
    const double kept = std::clamp(rounded, -scale_, scale_ - 1);
    clipped += kept != rounded;
    out[n] = static_cast<std::int32_t>(kept);
    std::copy_backward(errors_.begin(), errors_.end() - 1, errors_.end());
    // The error of the unclipped value: clipping must not wind the filter up.
    errors_[0] = rounded - wanted;
  }
  return clipped;
}

std::int64_t Quantiser::process(Frames first, std::span<const float> in,
                                std::span<std::int32_t> out) {
  std::int64_t clipped = 0;
  std::array<double, kBlock> noise = {};
  for (std::size_t n = 0; n < in.size(); n += kBlock) {
    const std::size_t count = std::min(kBlock, in.size() - n);
    if (kind_ != DitherKind::none) {
      fill_noise(first + static_cast<Frames>(n), std::span(noise).first(count));
    }
    if (kind_ == DitherKind::shaped) {
      clipped += shape(in.subspan(n, count), std::span(noise).first(count), out.subspan(n, count));
      continue;
    }
    for (std::size_t i = 0; i < count; ++i) {
      const double rounded = std::nearbyint(static_cast<double>(in[n + i]) * scale_ + noise[i]);
      const double kept = std::clamp(rounded, -scale_, scale_ - 1);
      clipped += kept != rounded;
      out[n + i] = static_cast<std::int32_t>(kept);
    }
  }
  return clipped;
}

}  // namespace tutti
