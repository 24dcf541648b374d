// SPDX-License-Identifier: Apache-2.0
// Signals through a quantiser, and the spectrum of what it adds.
#pragma once

#include <fftw3.h>

#include <cmath>
#include <complex>
#include <cstdint>
#include <vector>

#include "host/dsp/dither.hpp"

namespace tutti::test {

inline constexpr double kStep16 = 1.0 / 32768;

inline std::vector<float> constant(std::size_t frames, double value) {
  return std::vector<float>(frames, static_cast<float>(value));
}

inline std::vector<float> sine(std::size_t frames, double amplitude, double cycles_per_frame) {
  std::vector<float> samples(frames);
  for (std::size_t n = 0; n < frames; ++n) {
    samples[n] = static_cast<float>(amplitude *
                                    std::sin(2 * kPi * cycles_per_frame * static_cast<double>(n)));
  }
  return samples;
}

inline std::vector<std::int32_t> quantise(DitherKind kind, int bits, const std::vector<float>& in,
                                          std::uint64_t seed = 1, int channel = 0,
                                          double sample_rate_hz = 48000) {
  Quantiser quantiser(kind, bits, sample_rate_hz, seed, channel);
  std::vector<std::int32_t> out(in.size());
  quantiser.process(0, in, out);
  return out;
}

/// Mean power of each bin over consecutive Hann-windowed blocks.
inline std::vector<double> average_spectrum(const std::vector<double>& samples, std::size_t size) {
  std::vector<double> power(size / 2 + 1);
  std::vector<double> block(size);
  std::vector<std::complex<double>> bins(size / 2 + 1);
  const fftw_plan plan =
      fftw_plan_dft_r2c_1d(static_cast<int>(size), block.data(),
                           reinterpret_cast<fftw_complex*>(bins.data()), FFTW_ESTIMATE);
  const std::size_t blocks = samples.size() / size;
  for (std::size_t b = 0; b < blocks; ++b) {
    for (std::size_t n = 0; n < size; ++n) {
      const double window =
          1 - std::cos(2 * kPi * static_cast<double>(n) / static_cast<double>(size));
      block[n] = samples[b * size + n] * window;
    }
    fftw_execute(plan);
    for (std::size_t k = 0; k < power.size(); ++k) {
      power[k] += std::norm(bins[k]) / static_cast<double>(blocks);
    }
  }
  fftw_destroy_plan(plan);
  return power;
}

}  // namespace tutti::test
