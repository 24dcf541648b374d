// SPDX-License-Identifier: Apache-2.0
// The counter-based generator of dither: random words that depend on a counter and a key alone.
#pragma once

#include <cstdint>

#include "host/audio/host_device.hpp"

namespace tutti {

inline constexpr std::uint32_t kPhiloxFactor0 = 0xD2511F53u;
inline constexpr std::uint32_t kPhiloxFactor1 = 0xCD9E8D57u;

/// One of ten rounds of Philox-4x32 [Salmon2011, section 3.3 and table 2] over counter words x; the
/// key grows by the Weyl increments from round to round.
TUTTI_HOST_DEVICE inline void philox_round(std::uint32_t& x0, std::uint32_t& x1, std::uint32_t& x2,
                                           std::uint32_t& x3, std::uint32_t key0,
                                           std::uint32_t key1) {
  const std::uint64_t product0 = std::uint64_t{kPhiloxFactor0} * x0;
  const std::uint64_t product1 = std::uint64_t{kPhiloxFactor1} * x2;
  x0 = static_cast<std::uint32_t>(product1 >> 32) ^ x1 ^ key0;
  x1 = static_cast<std::uint32_t>(product1);
  x2 = static_cast<std::uint32_t>(product0 >> 32) ^ x3 ^ key1;
  x3 = static_cast<std::uint32_t>(product0);
}

inline constexpr int kPhiloxRounds = 10;
inline constexpr std::uint32_t kPhiloxWeyl0 = 0x9E3779B9u;
inline constexpr std::uint32_t kPhiloxWeyl1 = 0xBB67AE85u;

/// Triangular noise of ±1 step: the difference of a word's 16-bit halves, exact in double.
TUTTI_HOST_DEVICE inline double triangular_noise(std::uint32_t word) {
  const auto low = static_cast<std::int32_t>(word & 0xffffu);
  const auto high = static_cast<std::int32_t>(word >> 16);
  return (low - high) * 0x1p-16;
}

}  // namespace tutti
