// SPDX-License-Identifier: Apache-2.0
#include "cli/align.hpp"

#include <algorithm>
#include <bit>
#include <complex>
#include <vector>

#include "cli/signals.hpp"
#include "host/audio/buffer.hpp"

namespace tutti::cli {
namespace {

using Complex = std::complex<double>;

constexpr double kSearchSeconds = 10;
constexpr Frames kMostWindowFrames = Frames{1} << 20;
constexpr Frames kBlockFrames = 16384;
// Unrelated noise of 2^16 frames correlates to about 4·2^−8 = 0.016 at its best offset of a
// million; a copy that shares a tenth of the power still reaches 0.3.
constexpr double kLeastCorrelation = 0.1;

// In-place radix-2 transform, sign −1; unscaled. Once per comparison, so clarity before speed.
void transform(std::vector<Complex>& x) {
  const std::size_t size = x.size();
  for (std::size_t i = 1, j = 0; i < size; ++i) {  // bit reversal
    std::size_t bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(x[i], x[j]);
  }
  std::vector<Complex> roots(std::max<std::size_t>(1, size / 2));
  for (std::size_t k = 0; k < roots.size(); ++k)
    roots[k] = std::polar(1.0, -2 * kPi * static_cast<double>(k) / static_cast<double>(size));
  for (std::size_t half = 1; half < size; half *= 2)
    for (std::size_t start = 0; start < size; start += 2 * half)
      for (std::size_t k = 0; k < half; ++k) {
        const Complex w = roots[k * (size / (2 * half))];
        const Complex& v = x[start + k + half];
        const Complex odd(v.real() * w.real() - v.imag() * w.imag(),
                          v.real() * w.imag() + v.imag() * w.real());
        x[start + k + half] = x[start + k] - odd;
        x[start + k] += odd;
      }
}

// Channels `first` and `first` + 1 as real and imaginary part: the real part of a product with a
// conjugate is then the sum of both channels' correlations.
std::vector<Complex> packed(const Buffer& audio, int first, std::size_t size) {
  std::vector<Complex> out(size);
  const bool has_second = first + 1 < audio.channels();
  for (Frames n = 0; n < audio.frames(); ++n)
    out[n] = {audio.channel(first)[n], has_second ? audio.channel(first + 1)[n] : 0.0f};
  return out;
}

Buffer read_range(AudioReader& reader, Frames first, Frames frames) {
  Buffer audio(reader.info().channels, frames);
  for (Frames done = 0; done < frames; done += kBlockFrames) {
    throw_if_stopped();
    const Frames count = std::min(kBlockFrames, frames - done);
    reader.read(first + done, audio.view().slice(done, count));
  }
  return audio;
}

double energy_of(const Buffer& audio, Frames frame) {
  double energy = 0;
  for (int c = 0; c < audio.channels(); ++c) {
    const double sample = audio.channel(c)[frame];
    energy += sample * sample;
  }
  return energy;
}

// First frame of the loudest `window_frames` of a file, in steps of a block.
Frames loudest_window(AudioReader& reader, Frames usable_frames, Frames window_frames) {
  if (usable_frames <= window_frames) return 0;
  std::vector<double> sums = {0};  // running energy after each block
  for (Frames first = 0; first + kBlockFrames <= usable_frames; first += kBlockFrames) {
    const Buffer block = read_range(reader, first, kBlockFrames);
    double energy = 0;
    for (Frames n = 0; n < kBlockFrames; ++n) energy += energy_of(block, n);
    sums.push_back(sums.back() + energy);
  }
  const auto blocks = static_cast<std::size_t>(window_frames / kBlockFrames);
  std::size_t best = 0;
  for (std::size_t i = 0; i + blocks < sums.size(); ++i)
    if (sums[i + blocks] - sums[i] > sums[best + blocks] - sums[best]) best = i;
  return static_cast<Frames>(best) * kBlockFrames;
}

// Σ over channels and n of a[n] · b[n + k], for k = 0 … size − 1.
std::vector<double> correlate(const Buffer& a, const Buffer& b, std::size_t size) {
  std::vector<double> result(size);
  for (int c = 0; c < a.channels(); c += 2) {
    throw_if_stopped();
    std::vector<Complex> x = packed(a, c, size), y = packed(b, c, size);
    transform(x);
    transform(y);
    // The inverse transform of conj(X)·Y is the conjugate of the forward one of its conjugate.
    for (std::size_t i = 0; i < size; ++i) x[i] = x[i] * std::conj(y[i]);
    transform(x);
    for (std::size_t i = 0; i < size; ++i) result[i] += x[i].real() / static_cast<double>(size);
  }
  return result;
}

}  // namespace

std::optional<Frames> find_offset(AudioReader& a, AudioReader& b) {
  const Frames frames_a = a.info().frames, frames_b = b.info().frames;
  if (frames_a == 0 || frames_b == 0) return std::nullopt;
  const Frames reach = std::min(seconds_to_frames(kSearchSeconds, a.info().sample_rate_hz),
                                std::max(frames_a, frames_b));
  const Frames usable = std::min(frames_a, frames_b + reach);
  const Frames window = std::min(usable, kMostWindowFrames);
  const Frames start = loudest_window(a, usable, window);
  const Buffer part_a = read_range(a, start, window);
  const Buffer part_b = read_range(b, start - reach, window + 2 * reach);
  const auto size = std::bit_ceil(static_cast<std::size_t>(window + 2 * reach));
  const std::vector<double> correlation = correlate(part_a, part_b, size);

  double energy_a = 0, energy_b = 0, whole_b = 0;
  for (Frames n = 0; n < window; ++n) energy_a += energy_of(part_a, n);
  for (Frames n = 0; n < window; ++n) energy_b += energy_of(part_b, n);
  for (Frames n = 0; n < window + 2 * reach; ++n) whole_b += energy_of(part_b, n);
  // The residual of the best scaled copy is energy_a · (1 − corr² / (energy_a · energy_b)): what is
  // left of b in the window decides as much as the correlation. Windows with next to nothing of b
  // would divide rounding by rounding.
  double best = kLeastCorrelation * kLeastCorrelation;
  std::optional<Frames> offset;
  for (Frames k = 0; k <= 2 * reach; ++k) {
    const double product = energy_a * energy_b;
    if (energy_b > 1e-9 * whole_b && product > 0) {
      const double share = correlation[k] * correlation[k] / product;
      const bool better = share > best * (1 + 1e-9);
      if (better) {
        best = share;
        offset = k - reach;
      }
    }
    if (k < 2 * reach) energy_b += energy_of(part_b, k + window) - energy_of(part_b, k);
  }
  return offset;
}

}  // namespace tutti::cli
