// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/dither.hpp"

#include <algorithm>
#include <cmath>

#include "host/dsp/philox.hpp"

namespace tutti {
namespace {

// Frames a pass: noise and samples stay in the first-level cache.
constexpr std::size_t kBlock = kShapedFrames;

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

/// The noise of a block; a counter's first frame is at 4·k.
const std::int32_t* Quantiser::noise_at(Frames first, std::size_t count) {
  if (kind_ == DitherKind::none) return noise_.data();
  const auto skip = static_cast<std::size_t>(first & 3);
  fill_noise({seed_, channel_}, static_cast<std::uint64_t>(first >> 2),
             (skip + count + kNoiseStep - 1) / kNoiseStep * kNoiseStep, noise_.data());
  return noise_.data() + skip;
}

std::int64_t Quantiser::process(Frames first, std::span<const float> in,
                                std::span<std::int32_t> out) {
  std::int64_t clipped = 0;
  for (std::size_t n = 0; n < in.size(); n += kBlock) {
    const std::size_t count = std::min(kBlock, in.size() - n);
    const Frames start = first + static_cast<Frames>(n);
    clipped += kind_ == DitherKind::shaped
                   ? shape_block(start, count, {in.data() + n, out.data() + n}, nullptr, {})
                   : round_noisy(in.data() + n, noise_at(start, count), count, scale_, out.data() + n);
  }
  return clipped;
}

std::int64_t Quantiser::process_two(Quantiser& other, Frames first, std::size_t count, Channel mine,
                                    Channel others) {
  if (kind_ != DitherKind::shaped)
    return process(first, {mine.in, count}, {mine.out, count}) +
           other.process(first, {others.in, count}, {others.out, count});
  std::int64_t clipped = 0;
  for (std::size_t n = 0; n < count; n += kBlock)
    clipped += shape_block(first + static_cast<Frames>(n), std::min(kBlock, count - n),
                           {mine.in + n, mine.out + n}, &other, {others.in + n, others.out + n});
  return clipped;
}

/// Without another channel, silence is shaped beside this one: it clips nothing.
std::int64_t Quantiser::shape_block(Frames first, std::size_t count, Channel mine, Quantiser* other,
                                    Channel others) {
  static constexpr std::array<float, kBlock> kSilence = {};
  static constexpr std::array<std::int32_t, kBlock> kNoNoise = {};
  std::array<std::int32_t, kBlock> nowhere;
  ShapingFilter still = {};
  const ShapedLane lane = {mine.in, noise_at(first, count), mine.out, feedback_.data()};
  const ShapedLane beside =
      other ? ShapedLane{others.in, other->noise_at(first, count), others.out, other->feedback_.data()}
            : ShapedLane{kSilence.data(), kNoNoise.data(), nowhere.data(), still.data()};
  return shape_noisy({lane, beside}, count, shaping_, scale_);
}

}  // namespace tutti
