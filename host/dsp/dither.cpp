// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/dither.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "host/dsp/philox.hpp"

namespace tutti {
namespace {

constexpr double kUnitShift = 0x1.8p52;

// Counters side by side: so many that compilers keep the loop and make vectors of it.
constexpr std::size_t kLanes = 32;
constexpr std::size_t kNoiseStep = 4 * kLanes;
// Frames a pass: noise and samples stay in the first-level cache.
constexpr std::size_t kBlock = 256;

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

/// Nearest whole number, ties to even, for |x| < 2^51: beyond 2^52 a double has no fraction left.
/// Unlike nearbyint it needs no SSE4.1 to be one instruction or two.
double round_to_even(double x) { return (x + kUnitShift) - kUnitShift; }

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
  for (int round = 0; round < kPhiloxRounds; ++round, key0 += kPhiloxWeyl0, key1 += kPhiloxWeyl1) {
    philox_round(x[0], x[1], x[2], x[3], key0, key1);
  }
  return x;
}

// The noise is least audible where ∫ |NTF|²/threshold is least; with a monic NTF that is the
// whitening filter of the spectrum 1/threshold [GerzonCraven1989]. Left alone it would pile up
// noise without limit where nothing is heard, so the weight gets a floor: the lowest that keeps the
// total noise within 18 dB of white.
std::vector<double> design_noise_shaping(double sample_rate_hz) {
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
    return whitening_filter(autocorrelation(floored, kShapingOrder + 1));
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
    const std::vector<double> coefficients = design_noise_shaping(sample_rate_hz);
    std::copy(coefficients.begin(), coefficients.end(), shaping_.begin());
  }
}

// One counter serves four frames; kLanes counters run side by side, in loops that compilers
// vectorise.
void Quantiser::fill_noise(Frames group, std::span<double> noise) const {
  for (std::size_t n = 0; n < noise.size(); n += kNoiseStep) {
    std::array<std::array<std::uint32_t, kLanes>, 4> x;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::uint64_t index = static_cast<std::uint64_t>(group) + n / 4 + lane;
      x[0][lane] = static_cast<std::uint32_t>(index);
      x[1][lane] = static_cast<std::uint32_t>(index >> 32);
      x[2][lane] = static_cast<std::uint32_t>(channel_);
      x[3][lane] = 0;
    }
    std::uint32_t key0 = static_cast<std::uint32_t>(seed_);
    std::uint32_t key1 = static_cast<std::uint32_t>(seed_ >> 32);
    for (int round = 0; round < kPhiloxRounds; ++round, key0 += kPhiloxWeyl0, key1 += kPhiloxWeyl1) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        philox_round(x[0][lane], x[1][lane], x[2][lane], x[3][lane], key0, key1);
      }
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      for (std::size_t i = 0; i < 4; ++i) {
        noise[n + 4 * lane + i] = triangular_noise(x[i][lane]);
      }
    }
  }
}

// With error e = out − wanted, out = in + noise·NTF needs wanted = in + Σ h[k]·e[n−1−k]. The sum is
// kept transposed: feedback_[k] already holds the share of the past in the wanted value k frames
// ahead, so that only one product stands between an error and the next sample.
std::int64_t Quantiser::shape(std::span<const float> in, std::span<const double> noise,
                              std::span<std::int32_t> out) {
  std::int64_t clipped = 0;
  std::array<double, kShapingOrder + 1> ahead;
  std::copy(feedback_.begin(), feedback_.end(), ahead.begin());
  ahead[kShapingOrder] = 0;
  for (std::size_t n = 0; n < in.size(); ++n) {
    const double wanted = static_cast<double>(in[n]) * scale_ + ahead[0];
    const double rounded = round_to_even(wanted + noise[n]);
    const double kept = std::clamp(rounded, -scale_, scale_ - 1);
    clipped += kept != rounded;
    out[n] = static_cast<std::int32_t>(kept);
    // The error of the unclipped value: clipping must not wind the filter up.
    const double error = rounded - wanted;
    for (std::size_t k = 0; k < kShapingOrder; ++k) ahead[k] = ahead[k + 1] + shaping_[k] * error;
  }
  std::copy(ahead.begin(), ahead.end() - 1, feedback_.begin());
  return clipped;
}

// 1.5·2^52 has its units in the last place: the sum's low 32 bits are the nearest whole number,
// ties to even, in two's complement. Everything after it is 32-bit arithmetic that compilers
// vectorise.
std::int64_t Quantiser::round(std::span<const float> in, std::span<const double> noise,
                              std::span<std::int32_t> out) const {
  const auto highest = static_cast<std::int32_t>(scale_ - 1);
  const std::int32_t lowest = -highest - 1;
  std::int32_t clipped = 0;
  for (std::size_t n = 0; n < in.size(); ++n) {
    const double wanted = static_cast<double>(in[n]) * scale_ + noise[n];
    const double limited = std::min(std::max(wanted, -scale_ - 2), scale_ + 1);
    const auto value = static_cast<std::int32_t>(std::bit_cast<std::int64_t>(limited + kUnitShift));
    const std::int32_t kept = std::min(std::max(value, lowest), highest);
    clipped += static_cast<std::int32_t>(kept != value);
    out[n] = kept;
  }
  return clipped;
}

std::int64_t Quantiser::process(Frames first, std::span<const float> in,
                                std::span<std::int32_t> out) {
  std::int64_t clipped = 0;
  std::array<double, kBlock + kNoiseStep> noise = {};
  for (std::size_t n = 0; n < in.size(); n += kBlock) {
    const std::size_t count = std::min(kBlock, in.size() - n);
    const Frames start = first + static_cast<Frames>(n);
    const auto skip = static_cast<std::size_t>(start & 3);  // a counter's first frame is at 4·k
    if (kind_ != DitherKind::none) {
      fill_noise(start >> 2,
                 std::span(noise).first((skip + count + kNoiseStep - 1) / kNoiseStep * kNoiseStep));
    }
    const std::span<const double> block_noise = std::span(noise).subspan(skip, count);
    clipped += kind_ == DitherKind::shaped
                   ? shape(in.subspan(n, count), block_noise, out.subspan(n, count))
                   : round(in.subspan(n, count), block_noise, out.subspan(n, count));
  }
  return clipped;
}

}  // namespace tutti
