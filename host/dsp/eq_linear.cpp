// SPDX-License-Identifier: Apache-2.0
// Frequency sampling on a grid eight times as fine as the longest answer needs, an inverse
// transform, and a Kaiser window.
#include "host/dsp/eq_linear.hpp"

#include <algorithm>
#include <cmath>
#include <complex>

#include "host/audio/units.hpp"
#include "host/dsp/eq_prototype.hpp"
#include "host/dsp/eq_rbj.hpp"
#include "host/dsp/eq_refine.hpp"

namespace tutti {
namespace {

using Complex = std::complex<double>;

// β = 10: sidelobes 100 dB down, a main lobe of 2·√(1 + (β/π)²) ≈ 6.7 bins [Kaiser1974].
constexpr double kKaiserBeta = 10;
constexpr double kLongest_s = 4;  // a bell of Q 8 at 100 Hz takes 2 s to settle within 0.04 dB
constexpr std::size_t kShortestReach = 511;  // 1,023 frames
constexpr double kEnoughDb = 0.04, kFloor = 1e-3;
constexpr double kLowestHz = 20;  // what can be heard, though a band may stand far above it

// e^{−j2πk/n}, k < n/2, for n = size, size/2 … 2: level after level, so that each is read in order.
std::vector<std::vector<Complex>> twiddles(std::size_t size) {
  std::vector<std::vector<Complex>> levels;
  for (std::size_t n = size; n > 1; n /= 2) {
    std::vector<Complex> level(n / 2);
    for (std::size_t k = 0; k < level.size(); ++k)
      level[k] = levels.empty() ? std::polar(1.0, -2 * kPi * static_cast<double>(k) / static_cast<double>(n))
                                : levels.back()[2 * k];
    levels.push_back(std::move(level));
  }
  return levels;
}

// Radix 2, decimated in frequency: the result is in bit-reversed order. Depth first, so that what
// fits into a cache is finished there.
void transform(Complex* x, std::size_t n, const std::vector<Complex>* level) {
  constexpr std::size_t kInCache = 1 << 13;
  for (std::size_t length = n; length > 1; length /= 2, ++level) {
    const std::size_t half = length / 2;
    for (Complex* node = x; node != x + n; node += length)
      for (std::size_t k = 0; k < half; ++k) {
        const Complex w = (*level)[k], a = node[k], b = node[k + half], d = a - b;
        node[k] = a + b;
        node[k + half] = {w.real() * d.real() - w.imag() * d.imag(),
                          w.real() * d.imag() + w.imag() * d.real()};
      }
    if (n <= kInCache) continue;
    transform(x, half, level + 1);
    transform(x + half, half, level + 1);
    return;
  }
}

// The transform of a real, even sequence, which is real and even too: of both the entries 0 … size/2.
// The even and the odd entries are one complex sequence of half the size.
std::vector<double> even_transform(const std::vector<double>& x) {
  const std::size_t half = x.size() - 1;
  const auto entry = [&](std::size_t n) { return x[n <= half ? n : 2 * half - n]; };
  std::vector<Complex> z(half);
  for (std::size_t m = 0; m < half; ++m) z[m] = {entry(2 * m), entry(2 * m + 1)};
  transform(z.data(), half, twiddles(half).data());
  for (std::size_t i = 1, j = 0; i < half; ++i) {
    std::size_t bit = half / 2;
    for (; j & bit; bit /= 2) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(z[i], z[j]);
  }
  std::vector<double> bins(half + 1);
  for (std::size_t k = 0; k <= half; ++k) {
    const Complex low = z[k % half], high = std::conj(z[(half - k) % half]);
    const Complex odd = (low - high) * Complex{0, -0.5};
    const Complex turn = std::polar(1.0, -kPi * static_cast<double>(k) / static_cast<double>(half));
    bins[k] = 0.5 * (low.real() + high.real()) + turn.real() * odd.real() - turn.imag() * odd.imag();
  }
  return bins;
}

std::size_t power_of_two_at_least(double x) {
  std::size_t n = 1;
  while (static_cast<double>(n) < x) n *= 2;
  return n;
}

class Target {
 public:
  Target(const EqSpec& spec, double sample_rate_hz) : sample_rate_hz_(sample_rate_hz) {
    lowest_hz_ = sample_rate_hz / 2;
    for (const EqBandSpec& band : spec.bands) {
      if (!band.enabled) continue;
      lowest_hz_ = std::min(lowest_hz_, band.freq_hz);
      if (spec.curve == EqCurve::rbj)
        for (const BiquadDesign& s : rbj_sections(band, sample_rate_hz)) sections_.push_back(s);
      else
        prototypes_.push_back({prototype(band), band.freq_hz});
    }
  }

  double lowest_hz() const { return lowest_hz_; }

  double magnitude(double frequency_hz) const {
    double power = 1, gain = 1;
    for (const Band& b : prototypes_) power *= power_gain(b.prototype, frequency_hz / b.freq_hz);
    for (const BiquadDesign& s : sections_)
      gain *= std::abs(response(s, 2 * kPi * frequency_hz / sample_rate_hz_));
    return std::sqrt(power) * gain;
  }

 private:
  struct Band {
    EqPrototype prototype;
    double freq_hz;
  };
  double sample_rate_hz_, lowest_hz_;
  std::vector<Band> prototypes_;
  std::vector<BiquadDesign> sections_;
};

// The zero-phase response on `size` points, and its frames 0 … size/2.
std::vector<double> zero_phase(const Target& target, double sample_rate_hz, std::size_t size) {
  std::vector<double> bins(size / 2 + 1);
  for (std::size_t k = 0; k < bins.size(); ++k)
    bins[k] = target.magnitude(sample_rate_hz * static_cast<double>(k) / static_cast<double>(size));
  std::vector<double> half = even_transform(bins);
  for (double& frame : half) frame /= static_cast<double>(size);
  return half;
}

// I0(x) by its series.
double bessel_i0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; term > 1e-17 * sum; ++k) {
    term *= x * x / (4.0 * k * k);
    sum += term;
  }
  return sum;
}

// Frames 0 … reach of the windowed response (it is symmetric). What lies beyond half the transform
// folds back, eight reaches away from where the window ends.
std::vector<double> windowed_response(const Target& target, double sample_rate_hz,
                                      std::size_t reach) {
  const std::size_t size = 16 * power_of_two_at_least(static_cast<double>(reach));
  std::vector<double> out = zero_phase(target, sample_rate_hz, size);
  out.resize(reach + 1);
  const double scale = 1 / bessel_i0(kKaiserBeta);
  for (std::size_t n = 0; n <= reach; ++n) {
    const double t = static_cast<double>(n) / static_cast<double>(reach + 1);
    out[n] *= bessel_i0(kKaiserBeta * std::sqrt(1 - t * t)) * scale;
  }
  return out;
}

bool close_enough(const std::vector<double>& half, const Target& target, double sample_rate_hz) {
  // Sixteen points to a bin of the answer: no ripple and no narrow peak hides between them.
  const std::size_t size = 32 * power_of_two_at_least(static_cast<double>(half.size()));
  std::vector<double> padded = half;
  padded.resize(size / 2 + 1);
  const std::vector<double> bins = even_transform(padded);
  const double bin_hz = sample_rate_hz / static_cast<double>(size);
  const double above = std::pow(10.0, kEnoughDb / 20), top_hz = eq_top_hz(sample_rate_hz);
  std::vector<double> wanted;
  for (std::size_t k = 0; static_cast<double>(k) * bin_hz <= top_hz; ++k)
    wanted.push_back(target.magnitude(static_cast<double>(k) * bin_hz));
  const double floor = kFloor * *std::max_element(wanted.begin(), wanted.end());
  const auto first =
      static_cast<std::size_t>(std::ceil(std::min(kLowestHz, target.lowest_hz()) / bin_hz));
  for (std::size_t k = first; k < wanted.size(); ++k) {
    const double got = std::abs(bins[k]);
    if (wanted[k] > floor && !(got <= wanted[k] * above && wanted[k] <= got * above)) return false;
  }
  return true;
}

}  // namespace

std::vector<double> linear_phase_impulse(const EqSpec& spec, double sample_rate_hz) {
  const Target target(spec, sample_rate_hz);
  const double longest_frames =
      (spec.length_ms > 0 ? spec.length_ms * 1e-3 : kLongest_s) * sample_rate_hz;
  const auto longest = static_cast<std::size_t>(std::max(1.0, longest_frames / 2));
  std::size_t reach = spec.length_ms > 0 ? longest : std::min(kShortestReach, longest);
  std::vector<double> right = windowed_response(target, sample_rate_hz, reach);
  while (reach < longest && !close_enough(right, target, sample_rate_hz)) {
    reach = std::min(2 * reach + 1, longest);
    right = windowed_response(target, sample_rate_hz, reach);
  }
  std::vector<double> impulse(2 * reach + 1);
  for (std::size_t n = 0; n <= reach; ++n) impulse[reach + n] = impulse[reach - n] = right[n];
  return impulse;
}

}  // namespace tutti
