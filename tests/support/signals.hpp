// SPDX-License-Identifier: Apache-2.0
// Test signals from their definitions: tones, sequences of tones, sweeps, bursts, noise.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "host/audio/buffer.hpp"
#include "host/audio/units.hpp"

namespace tutti::test {

/// One stretch of a sequence: a 1 kHz tone at a peak level in dBFS, −inf for silence.
struct ToneStep {
  double length_s;
  double level_dbfs;
};

/// Steps of a tone of a whole number of hertz with continuous phase, equal in all channels, as EBU
/// Tech 3341 and 3342 list them.
inline Buffer tone_steps(std::span<const ToneStep> steps, double sample_rate_hz, int channels = 2,
                         double frequency_hz = 1000) {
  double total_s = 0;
  for (const ToneStep& step : steps) total_s += step.length_s;
  Buffer out(channels, seconds_to_frames(total_s, sample_rate_hz));
  // A whole number of hertz repeats after one second.
  const auto period = static_cast<Frames>(std::llround(sample_rate_hz));
  std::vector<double> table(period);
  for (Frames n = 0; n < period; ++n)
    table[n] =
        std::sin(2 * kPi * std::fmod(frequency_hz * static_cast<double>(n) / sample_rate_hz, 1.0));
  double end_s = 0;
  Frames at = 0;
  for (const ToneStep& step : steps) {
    end_s += step.length_s;
    const Frames end = std::min(seconds_to_frames(end_s, sample_rate_hz), out.frames());
    const double gain = db_to_linear(step.level_dbfs);
    for (; at < end; ++at) out.channel(0)[at] = static_cast<float>(gain * table[at % period]);
  }
  for (int c = 1; c < channels; ++c) std::copy_n(out.channel(0), out.frames(), out.channel(c));
  return out;
}

inline Buffer tone_steps(std::initializer_list<ToneStep> steps, double sample_rate_hz,
                         int channels = 2, double frequency_hz = 1000) {
  return tone_steps(std::span(steps.begin(), steps.size()), sample_rate_hz, channels, frequency_hz);
}

/// A steady sine of `amplitude` in every channel.
inline Buffer sine(double frequency_hz, double amplitude, double phase_rad, Frames frames,
                   double sample_rate_hz, int channels = 1) {
  Buffer out(channels, frames);
  for (Frames n = 0; n < frames; ++n) {
    const double turns = std::fmod(frequency_hz * static_cast<double>(n) / sample_rate_hz, 1.0);
    const auto x = static_cast<float>(amplitude * std::sin(2 * kPi * turns + phase_rad));
    for (int c = 0; c < channels; ++c) out.channel(c)[n] = x;
  }
  return out;
}

/// Raised-cosine fades of `fade_frames` at both ends, in place.
inline void fade_ends(Buffer& signal, Frames fade_frames) {
  for (Frames n = 0; n < std::min(fade_frames, signal.frames()); ++n) {
    const double gain =
        0.5 - 0.5 * std::cos(kPi * static_cast<double>(n) / static_cast<double>(fade_frames));
    for (int c = 0; c < signal.channels(); ++c) {
      float* x = signal.channel(c);
      x[n] = static_cast<float>(x[n] * gain);
      float& last = x[signal.frames() - 1 - n];
      last = static_cast<float>(last * gain);
    }
  }
}

/// A sine whose frequency rises exponentially from `from_hz` to `to_hz`.
inline Buffer log_sweep(double from_hz, double to_hz, double amplitude, Frames frames,
                        double sample_rate_hz, int channels = 1) {
  Buffer out(channels, frames);
  const double octaves = std::log(to_hz / from_hz);
  const double length_s = static_cast<double>(frames) / sample_rate_hz;
  for (Frames n = 0; n < frames; ++n) {
    const double part = static_cast<double>(n) / static_cast<double>(frames);
    const double turns = from_hz * length_s / octaves * (std::exp(part * octaves) - 1);
    const auto x = static_cast<float>(amplitude * std::sin(2 * kPi * std::fmod(turns, 1.0)));
    for (int c = 0; c < channels; ++c) out.channel(c)[n] = x;
  }
  return out;
}

/// A small generator with the same numbers on every machine (SplitMix64).
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : state_(seed) {}
  /// Uniform in [−1, 1).
  double operator()() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return static_cast<double>(static_cast<std::int64_t>(z ^ (z >> 31))) * 0x1p-63;
  }

 private:
  std::uint64_t state_;
};

/// Uniform white noise in [−amplitude, amplitude), independent in every channel.
inline Buffer white_noise(int channels, Frames frames, double amplitude, std::uint64_t seed) {
  Buffer out(channels, frames);
  for (int c = 0; c < channels; ++c) {
    Noise noise(seed * 1000 + c);
    for (Frames n = 0; n < frames; ++n) out.channel(c)[n] = static_cast<float>(amplitude * noise());
  }
  return out;
}

/// Something with the spectrum and the crest of a pop mix: a kick and a bass, a chord that changes
/// each second, pink-like noise bursts, correlated channels. `drive` 1 peaks near full scale;
/// above that it bends over softly like a loud master.
inline Buffer music_like(int channels, Frames frames, double sample_rate_hz, std::uint64_t seed,
                         double drive) {
  Buffer out(channels, frames);
  constexpr double kChord[] = {110, 164.8, 220.3, 329.9, 441.1, 659.8};
  std::vector<Noise> noises;
  for (int c = 0; c < channels; ++c) noises.emplace_back(seed * 77 + c);
  std::vector<std::array<double, 3>> pink(channels, {0, 0, 0});
  for (Frames n = 0; n < frames; ++n) {
    const double t = static_cast<double>(n) / sample_rate_hz;
    const double beat = std::fmod(t, 0.5);
    const double shift = 1 + 0.06 * std::fmod(std::floor(t), 5);
    double common = 0.5 * std::exp(-beat * 18) *
                    std::sin(2 * kPi * (50 * beat + 6 * (1 - std::exp(-beat * 40))));
    common += 0.18 * std::sin(2 * kPi * 55 * shift * t);
    for (int k = 0; k < 6; ++k)
      common += 0.05 * std::sin(2 * kPi * std::fmod(kChord[k] * shift * t, 1.0) + k);
    const double snare = std::exp(-std::fmod(t + 0.25, 0.5) * 25);
    for (int c = 0; c < channels; ++c) {
      const double white = noises[c]();
      auto& p = pink[c];
      p[0] = 0.997 * p[0] + 0.029 * white;
      p[1] = 0.963 * p[1] + 0.032 * white;
      p[2] = 0.57 * p[2] + 0.048 * white;
      const double noise = p[0] + p[1] + p[2] + 0.02 * white;
      const double x = drive * (common + noise * (0.3 + 1.2 * snare));
      out.channel(c)[n] = static_cast<float>(drive > 1 ? std::tanh(x) : x);
    }
  }
  return out;
}

}  // namespace tutti::test
