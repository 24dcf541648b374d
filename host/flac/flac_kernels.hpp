// SPDX-License-Identifier: Apache-2.0
// The loops over samples, in vectors. All sums are of whole numbers and exact, so every width of
// vectors gives the same bits. What chooses how a block is coded is in estimate_kernels.cpp, what
// codes it in residual_kernels.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "host/flac/bit_writer.hpp"
#include "host/flac/predictor.hpp"
#include "host/flac/rice.hpp"

namespace tutti::flac {

/// Zeros that lie before and behind the samples of a block: predictors reach back, vectors ahead.
inline constexpr int kPadFrames = 16;

/// What all samples of a block have in common.
struct Scan {
  std::uint32_t magnitudes = 0;  ///< the bits that x, or -1 - x where x < 0, has anywhere
  std::uint32_t ones = 0;        ///< the bits that are set anywhere
  bool constant = true;
};
Scan scan_samples(const std::int32_t* samples, int frames);

/// out[n] = samples[n] / 2^shift; without a remainder.
void load_samples(const std::int32_t* samples, int frames, int shift, double* out);

/// The mean of |x[n] - 2 x[n - 1] + x[n - 2]| for left, right, half their sum and their difference:
/// of groups of eight frames, as many as fit or every fourth where there are many. There are ten
/// frames at least, of up to 24 bits.
std::array<double, 4> second_differences(const std::int32_t* left, const std::int32_t* right,
                                         int frames);

/// The mean magnitudes of what the fixed predictors of order 0 to 4 leave: of all frames from the
/// fifth on, or of every fourth group of eight where there are many. There are five frames at
/// least.
std::array<double, 5> fixed_magnitudes(const double* samples, int frames);

/// The correlation of round(samples[n] * window[n] * scale), below 2^23 in magnitude, with itself
/// at lags of 0 to 8. `scratch`: of frames + 2 * kPadFrames numbers.
std::array<double, kMostPredictorOrder + 1> correlate(const double* samples, const double* window,
                                                      double scale, int frames,
                                                      std::int64_t* scratch);

/// out[n] = samples[n] less what is predicted, 0 for n < order. False if one of them needs more
/// than 32 bits: the predictor is of no use. `samples` has up to 32 bits.
bool predict(const double* samples, int frames, const Predictor& predictor, std::int32_t* out);

/// The sums of the folded numbers (rice.hpp) in as many equal parts as `sums` has.
void sum_partitions(const std::int32_t* residual, int frames, std::span<std::uint64_t> sums);

/// The residual behind the first `order` samples, as planned.
void write_residual(const std::int32_t* residual, int frames, int order, const RicePlan& plan,
                    BitWriter& out);

}  // namespace tutti::flac
