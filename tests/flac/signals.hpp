// SPDX-License-Identifier: Apache-2.0
// What a FLAC encoder may be given: music and what is not music.
#pragma once

#include <cmath>
#include <functional>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "tests/flac/streams.hpp"

namespace tutti::test {

struct Kind {
  std::string name;
  /// Sample n of channel c, of so many bits.
  std::function<std::int32_t(int bits, int c, std::size_t n, std::mt19937_64& random)> sample;
};

inline double full_scale(int bits) { return std::ldexp(1.0, bits - 1) - 1; }

inline std::int32_t scaled(double value, int bits) {
  return static_cast<std::int32_t>(std::llround(value * full_scale(bits)));
}

inline double uniform(std::mt19937_64& random) {
  return static_cast<double>(random() >> 11) * 0x1p-52 - 1;  // -1 <= x < 1
}

inline const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"silence", [](int, int, std::size_t, auto&) { return 0; }},
      {"constant",
       [](int bits, int c, std::size_t, auto&) { return scaled(0.3 - 0.7 * c / 8, bits); }},
      {"lowest", [](int bits, int, std::size_t, auto&) { return scaled(-1, bits) - 1; }},
      {"sine",
       [](int bits, int c, std::size_t n, auto&) {
         return scaled(0.9 * std::sin(0.031 * (c + 1) * static_cast<double>(n)), bits);
       }},
      {"noise",
       [](int bits, int, std::size_t, auto& random) { return scaled(uniform(random), bits); }},
      {"quiet", [](int, int, std::size_t,
                   auto& random) { return static_cast<std::int32_t>(random() % 5) - 2; }},
      {"square", [](int bits, int, std::size_t n,
                    auto&) { return n / 37 % 2 == 0 ? scaled(1, bits) : scaled(-1, bits) - 1; }},
      {"alternating", [](int bits, int, std::size_t n,
                         auto&) { return n % 2 == 0 ? scaled(1, bits) : scaled(-1, bits) - 1; }},
      {"impulses", [](int bits, int, std::size_t n,
                      auto& random) { return n % 601 == 600 ? scaled(uniform(random), bits) : 0; }},
      {"one impulse",
       [](int bits, int, std::size_t n, auto&) { return n == 7 ? scaled(-1, bits) - 1 : 1; }},
      {"opposite",
       [](int bits, int c, std::size_t n, auto&) {
         return (c % 2 == 0 ? 1 : -1) * scaled(std::sin(0.01 * static_cast<double>(n)), bits);
       }},
      {"alike",
       [](int bits, int c, std::size_t n, auto&) {
         return scaled(std::sin(0.02 * static_cast<double>(n)), bits) / 2 + c;
       }},
      {"wasted bits",
       [](int bits, int, std::size_t n, auto&) {
         return scaled(0.5 * std::sin(0.05 * static_cast<double>(n)), bits) / 64 * 64;
       }},
      {"ramp",
       [](int bits, int c, std::size_t n, auto&) {
         return static_cast<std::int32_t>(n % (std::size_t{1} << (bits - 1))) *
                (c % 2 == 0 ? 1 : -1);
       }},
      {"music",
       [](int bits, int c, std::size_t n, auto& random) {
         const double t = static_cast<double>(n);
         return scaled(0.4 * std::sin(0.02 * t) + 0.2 * std::sin(0.0713 * t + c) +
                           0.1 * std::sin(0.31 * t) + 0.01 * uniform(random),
                       bits);
       }},
  };
  return all;
}

inline Signal make_signal(const Kind& kind, int channels, int bits, std::size_t frames,
                          std::uint64_t seed = 1) {
  Signal signal(static_cast<std::size_t>(channels));
  for (int c = 0; c < channels; ++c) {
    std::mt19937_64 random(seed * 16 + static_cast<std::uint64_t>(c));
    auto& samples = signal[static_cast<std::size_t>(c)];
    for (std::size_t n = 0; n < frames; ++n) samples.push_back(kind.sample(bits, c, n, random));
  }
  return signal;
}

}  // namespace tutti::test
