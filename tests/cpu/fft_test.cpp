// SPDX-License-Identifier: Apache-2.0
#include "host/cpu/fft.hpp"

#include <fftw3.h>
#include <gtest/gtest.h>

#include <complex>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>

#include "host/audio/buffer.hpp"
#include "tests/reference/convolver.hpp"
#include "tests/support/residual.hpp"

namespace tutti {
namespace {

// Peak error of one product of float transforms, relative to the root of the energies: each
// transform rounds to about −142 dB rms (as FFTW's does), three of them meet, and the peak of noise
// lies some 13 dB above its rms.
constexpr double kProductDb = -120;
// FFTW's and ours round differently, each to about −142 dB rms of the output.
constexpr double kAgainstFftwRmsDb = -132;

std::vector<float> noise(std::size_t count, unsigned seed, float peak = 1) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-peak, peak);
  std::vector<float> x(count);
  for (float& value : x) value = uniform(generator);
  return x;
}

/// Second half of the window through at most B taps.
std::vector<float> filter_block(const BlockTransform& transform, const std::vector<float>& window,
                                const std::vector<float>& taps) {
  const std::size_t block = static_cast<std::size_t>(transform.block_frames());
  std::vector<float> impulse = taps, out(block);
  impulse.resize(2 * block);
  auto x = make_aligned<float>(transform.spectrum_floats());
  auto h = make_aligned<float>(transform.spectrum_floats());
  transform.forward(window.data(), window.data() + block, x.get());
  transform.forward(impulse.data(), impulse.data() + block, h.get());
  for (std::size_t row = 0; row < transform.spectrum_floats(); row += kFftRowFloats) {
    for (std::size_t n = row; n < row + kFftColumns; ++n) {
      const std::complex<float> bin = std::complex<float>(x[n], x[n + kFftColumns]) *
                                      std::complex<float>(h[n], h[n + kFftColumns]) /
                                      static_cast<float>(block);
      x[n] = bin.real();
      x[n + kFftColumns] = bin.imag();
    }
  }
  transform.inverse(x.get(), out.data());
  return out;
}

std::vector<float> fftw_filter_block(const std::vector<float>& window, std::vector<float> taps) {
  const std::size_t size = window.size();
  taps.resize(size);
  std::vector<float> out(size);
  std::vector<std::complex<float>> x(size / 2 + 1), h(size / 2 + 1);
  const auto run = [&](const std::vector<float>& in, std::vector<std::complex<float>>& spectrum) {
    fftwf_plan plan =
        fftwf_plan_dft_r2c_1d(static_cast<int>(size), const_cast<float*>(in.data()),
                              reinterpret_cast<fftwf_complex*>(spectrum.data()), FFTW_ESTIMATE);
    fftwf_execute(plan);
    fftwf_destroy_plan(plan);
  };
  run(window, x);
  run(taps, h);
  for (std::size_t n = 0; n < x.size(); ++n) x[n] *= h[n] / static_cast<float>(size);
  fftwf_plan plan =
      fftwf_plan_dft_c2r_1d(static_cast<int>(size), reinterpret_cast<fftwf_complex*>(x.data()),
                            out.data(), FFTW_ESTIMATE);
  fftwf_execute(plan);
  fftwf_destroy_plan(plan);
  out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size / 2));
  return out;
}

class BlockTransformTest : public ::testing::TestWithParam<Frames> {
 protected:
  const BlockTransform transform{GetParam()};
  const std::size_t block = static_cast<std::size_t>(GetParam());
};

TEST_P(BlockTransformTest, ProductIsTheConvolutionOfTheWindow) {
  const std::vector<float> window = noise(2 * block, 1);
  const std::vector<float> taps = noise(block, 2, 1 / std::sqrt(static_cast<float>(block)));
  const std::vector<float> out = filter_block(transform, window, taps);
  // All frames of small blocks, some hundred of large ones: the reference is quadratic. An odd step
  // meets every column and every residue of the radices.
  const std::size_t step = block <= 2048 ? 1 : block / 401 | 1;
  std::vector<double> truth, ours;
  for (std::size_t n = 0; n < block; n += step) {
    truth.push_back(reference::convolve_at(window, taps, block + n));
    ours.push_back(out[n]);
  }
  EXPECT_RESIDUAL_BELOW(ours, truth, kProductDb);
}

TEST_P(BlockTransformTest, AgreesWithFftwOnEveryFrame) {
  const std::vector<float> window = noise(2 * block, 3);
  const std::vector<float> taps = noise(block, 4, 1 / std::sqrt(static_cast<float>(block)));
  const std::vector<float> ours = filter_block(transform, window, taps);
  const std::vector<float> fftw = fftw_filter_block(window, taps);
  double energy = 0;
  for (std::size_t n = 0; n < block; ++n) {
    const double difference = static_cast<double>(ours[n]) - static_cast<double>(fftw[n]);
    energy += difference * difference;
  }
  EXPECT_LE(power_to_db(energy / static_cast<double>(block)), kAgainstFftwRmsDb);
}

// The values of the polynomial at the roots of z^B = i: every one of them, each once. With the
// window an impulse at frame 1 the spectrum is the list of the roots themselves.
TEST_P(BlockTransformTest, BinsAreTheRootsOfTheModulus) {
  std::vector<float> window(2 * block);
  window[1] = 1;
  auto spectrum = make_aligned<float>(transform.spectrum_floats());
  transform.forward(window.data(), window.data() + block, spectrum.get());
  std::set<long> seen;
  double worst = 0;
  for (std::size_t row = 0; row < transform.spectrum_floats(); row += kFftRowFloats) {
    for (std::size_t n = row; n < row + kFftColumns; ++n) {
      const std::complex<double> z(spectrum[n], spectrum[n + kFftColumns]);
      // z = exp(2πi (1/4 + m) / B)
      const double position = std::arg(z) / (2 * kPi) * static_cast<double>(block) - 0.25;
      const long m = std::lround(position);
      seen.insert((m + static_cast<long>(block)) % static_cast<long>(block));
      const std::complex<double> root =
          std::polar(1.0, 2 * kPi * (0.25 + static_cast<double>(m)) / static_cast<double>(block));
      worst = std::max(worst, std::abs(z - root));
    }
  }
  EXPECT_EQ(seen.size(), block);
  EXPECT_LE(linear_to_db(worst), -128.0);  // some twenty roundings of 2^−24
}

TEST_P(BlockTransformTest, InverseUndoesForward) {
  const std::vector<float> window = noise(2 * block, 5);
  auto spectrum = make_aligned<float>(transform.spectrum_floats());
  transform.forward(window.data(), window.data() + block, spectrum.get());
  std::vector<float> out(block);
  transform.inverse(spectrum.get(), out.data());
  for (float& x : out) x /= static_cast<float>(block);
  const std::vector<float> second(window.begin() + static_cast<std::ptrdiff_t>(block),
                                  window.end());
  EXPECT_RESIDUAL_BELOW(out, second, kProductDb);
}

TEST_P(BlockTransformTest, TakesInputAtAnyAlignment) {
  const std::vector<float> window = noise(2 * block + 1, 6);
  const std::vector<float> copy(window.begin() + 1, window.end());
  auto a = make_aligned<float>(transform.spectrum_floats());
  auto b = make_aligned<float>(transform.spectrum_floats());
  transform.forward(window.data() + 1, window.data() + 1 + block, a.get());
  transform.forward(copy.data(), copy.data() + block, b.get());
  EXPECT_EQ(std::vector<float>(a.get(), a.get() + transform.spectrum_floats()),
            std::vector<float>(b.get(), b.get() + transform.spectrum_floats()));
}

// Every mix of radix-8 and radix-4 passes, and trees on both sides of the first-level cache.
INSTANTIATE_TEST_SUITE_P(Sizes, BlockTransformTest,
                         ::testing::Values(256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536,
                                           131072));

TEST(BlockTransform, RefusesOtherSizes) {
  for (Frames frames : {-1, 0, 1, 128, 255, 257, 384, 262144}) {
    EXPECT_THROW(BlockTransform{frames}, std::invalid_argument) << frames;
  }
}

TEST(BlockTransform, IsSharedWhileSomebodyHoldsIt) {
  const auto first = BlockTransform::shared(512);
  EXPECT_EQ(first, BlockTransform::shared(512));
  EXPECT_NE(first, BlockTransform::shared(1024));
}

}  // namespace
}  // namespace tutti
