// SPDX-License-Identifier: Apache-2.0
// What a subframe's predictor is, and how one is found from the correlation of the signal.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace tutti::flac {

/// What libFLAC's level 5 has; the streamable subset ends at 12.
inline constexpr int kMostPredictorOrder = 8;
/// What five bits can say of a coefficient's width, less one; 8 * 15 bits a subframe are 0.1 bit of
/// one in a thousand.
inline constexpr int kCoefficientBits = 15;

/// x[n] is predicted as floor(sum over k < order of coefficients[k] * x[n - 1 - k] / 2^shift).
struct Predictor {
  bool fixed = true;  ///< one of FLAC's five polynomial ones: its order says everything
  int order = 0;
  int shift = 0;
  std::array<std::int32_t, kMostPredictorOrder> coefficients{};
};

/// The polynomial of that degree, 0 to 4, through the samples before [RFC 9639, 9.2.5].
Predictor fixed_predictor(int order);

/// Fills `window`: a rise and a fall of a quarter each, by cosine (Tukey's, 0.5), in steps of
/// 2^-30: the same wherever cosines are. Returns the sum of the squares.
double fill_window(std::span<double> window);

/// The predictor with the fewest expected bits among the orders 1 to 8. `correlation`: of the
/// windowed signal with itself at lags of 0 to 8, in units of which `energy` is one squared sample
/// over all frames. None where the signal has no energy or the coefficients can not be written.
std::optional<Predictor> find_predictor(
    const std::array<double, kMostPredictorOrder + 1>& correlation, double energy, int frames,
    int sample_bits);

}  // namespace tutti::flac
