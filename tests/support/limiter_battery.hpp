// SPDX-License-Identifier: Apache-2.0
// Mono signals that send limiters over their ceiling.
#pragma once

#include <string>
#include <vector>

#include "host/dsp/true_peak.hpp"
#include "tests/support/signals.hpp"

namespace tutti::test {

struct NamedSignal {
  std::string name;
  Buffer signal;
};

/// White noise limited to 0.45 of the rate by a windowed sinc.
inline Buffer band_limited_noise(Frames frames, double amplitude, std::uint64_t seed) {
  constexpr int kReach = 63;
  const Buffer white = white_noise(1, frames + 2 * kReach, amplitude, seed);
  Buffer out(1, frames);
  for (int k = -kReach; k <= kReach; ++k) {
    const double sinc = k == 0 ? 0.9 : std::sin(kPi * 0.9 * k) / (kPi * k);
    const auto tap = static_cast<float>(sinc * (0.5 + 0.5 * std::cos(kPi * k / (kReach + 1.0))));
    for (Frames n = 0; n < frames; ++n) out.channel(0)[n] += tap * white.channel(0)[n + kReach + k];
  }
  return out;
}

/// The sign of a sine: every edge is an over.
inline Buffer square(double frequency_hz, double amplitude, Frames frames, double rate_hz) {
  Buffer out = sine(frequency_hz, 1, 0.1, frames, rate_hz);
  for (Frames n = 0; n < frames; ++n)
    out.channel(0)[n] = static_cast<float>(std::copysign(amplitude, out.channel(0)[n]));
  return out;
}

/// Peaks between samples (tones at simple fractions of the rate, pairs, the worst signs of all),
/// edges, noise, the Nyquist frequency with sudden turns of phase, a step, programme.
inline std::vector<NamedSignal> limiter_battery(double rate_hz) {
  std::vector<NamedSignal> all;
  const auto frames = static_cast<Frames>(0.25 * rate_hz);
  const auto add = [&](const char* name, Buffer signal) {
    all.push_back({name, std::move(signal)});
  };
  add("fs/4", sine(rate_hz / 4, 1.41, kPi / 4, frames, rate_hz));
  add("fs/6", sine(rate_hz / 6, 1.41, kPi / 3, frames, rate_hz));
  add("fs/8", sine(rate_hz / 8, 1.41, kPi * 3 / 8, frames, rate_hz));
  Buffer bursts = sine(rate_hz / 4, 2, kPi / 4, frames, rate_hz);
  for (Frames n = 0; n < frames; ++n)
    if (n / 400 % 2 == 1) bursts.channel(0)[n] = 0;
  add("fs/4 bursts", std::move(bursts));
  Buffer pairs(1, frames);
  for (Frames n = 100; n + 1 < frames; n += 997) pairs.channel(0)[n] = pairs.channel(0)[n + 1] = 2;
  add("pairs", std::move(pairs));
  Buffer worst(1, frames);
  for (Frames n = 500; n + kTruePeakTaps < frames; n += 3001)
    for (int k = 0; k < kTruePeakTaps; ++k)
      worst.channel(0)[n + k] = true_peak_tap(k, kTruePeakPhases / 2) < 0 ? -1.0F : 1.0F;
  add("worst signs", std::move(worst));
  add("band-limited noise", band_limited_noise(frames, 2, 5));
  add("white noise", white_noise(1, frames, 2, 8));
  add("square 997 Hz", square(997, 1.4, frames, rate_hz));
  add("square 60 Hz", square(60, 1.4, frames, rate_hz));
  Buffer turns(1, frames);
  Noise noise(4);
  double sign = 1;
  for (Frames n = 0; n < frames; ++n) {
    if (noise() > 0.95) sign = -sign;
    turns.channel(0)[n] = static_cast<float>(sign * (n % 2 == 0 ? 1.4 : -1.4));
  }
  add("Nyquist with turns", std::move(turns));
  add("step of 12 dB", tone_steps({{0.125, -6}, {0.125, 6}}, rate_hz, 1));
  add("sweep", log_sweep(20, 0.49 * rate_hz, 1.4, frames, rate_hz));
  add("music", music_like(1, 2 * frames, rate_hz, 3, 2));
  return all;
}

/// Rounds to a grid of 2^(bits−1) steps with triangular dither of ±1 step, as a file would hold it.
inline void quantise_with_dither(Buffer& signal, int bits, std::uint64_t seed) {
  Noise noise(seed);
  const double scale = std::ldexp(1.0, bits - 1);
  for (int c = 0; c < signal.channels(); ++c)
    for (Frames n = 0; n < signal.frames(); ++n) {
      const double dither = 0.5 * (noise() + noise());
      float& x = signal.channel(c)[n];
      x = static_cast<float>(std::round(x * scale + dither) / scale);
    }
}

}  // namespace tutti::test
