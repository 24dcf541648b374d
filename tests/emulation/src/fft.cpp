// SPDX-License-Identifier: Apache-2.0
#include "fft.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace cudacpu {
namespace {

template <typename Real>
Complex<Real> operator+(Complex<Real> a, Complex<Real> b) {
  return {a.re + b.re, a.im + b.im};
}
template <typename Real>
Complex<Real> operator-(Complex<Real> a, Complex<Real> b) {
  return {a.re - b.re, a.im - b.im};
}
template <typename Real>
Complex<Real> operator*(Complex<Real> a, Complex<Real> b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
template <typename Real>
Complex<Real> conjugate(Complex<Real> a) {
  return {a.re, -a.im};
}

/// exp(−2πi · numerator / denominator)
template <typename Real>
Complex<Real> root(double numerator, double denominator) {
  constexpr double kTwoPi = 6.28318530717958647692528676655900577;
  const double angle = kTwoPi * (numerator / denominator);
  return {static_cast<Real>(std::cos(angle)), static_cast<Real>(-std::sin(angle))};
}

bool is_power_of_two(std::size_t n) { return (n & (n - 1)) == 0; }

// One radix-4 step of Stockham's sort: transforms of length `length` at stride `stride`, of which
// the next step has four times as many of a quarter of the length. kForward is the exponent's sign.
template <bool kForward, typename Real>
void radix4(std::size_t length, std::size_t stride, const std::vector<Complex<Real>>& roots,
            const Complex<Real>* x, Complex<Real>* y) {
  const std::size_t quarter = length / 4;
  for (std::size_t p = 0; p < quarter; ++p) {
    Complex<Real> w1 = roots[p * stride];
    Complex<Real> w2 = roots[2 * p * stride];
    Complex<Real> w3 = roots[3 * p * stride];
    if (!kForward) {
      w1 = conjugate(w1);
      w2 = conjugate(w2);
      w3 = conjugate(w3);
    }
    const Complex<Real>* in = x + stride * p;
    Complex<Real>* out = y + stride * 4 * p;
    for (std::size_t q = 0; q < stride; ++q) {
      const Complex<Real> a = in[q];
      const Complex<Real> b = in[q + stride * quarter];
      const Complex<Real> c = in[q + stride * 2 * quarter];
      const Complex<Real> d = in[q + stride * 3 * quarter];
      const Complex<Real> difference = b - d;
      const Complex<Real> turned = kForward ? Complex<Real>{difference.im, -difference.re}
                                            : Complex<Real>{-difference.im, difference.re};
      out[q] = (a + c) + (b + d);
      out[q + stride] = w1 * ((a - c) + turned);
      out[q + stride * 2] = w2 * ((a + c) - (b + d));
      out[q + stride * 3] = w3 * ((a - c) - turned);
    }
  }
}

template <typename Real>
void radix2(std::size_t stride, const Complex<Real>* x, Complex<Real>* y) {
  for (std::size_t q = 0; q < stride; ++q) {
    const Complex<Real> a = x[q];
    const Complex<Real> b = x[q + stride];
    y[q] = a + b;
    y[q + stride] = a - b;
  }
}

}  // namespace

template <typename Real>
Fft<Real>::Fft(std::size_t size) : size_(size), scratch_(size), packed_(size) {
  for (std::size_t k = 0; k < size; ++k) {
    roots_.push_back(root<Real>(static_cast<double>(k), static_cast<double>(size)));
  }
  if (size % 2 == 0) half_.emplace_back(size / 2);
  if (!is_power_of_two(size)) {
    std::size_t wide = 1;
    while (wide < 2 * size - 1) wide *= 2;
    wide_.emplace_back(wide);
  }
}

template <typename Real>
void Fft<Real>::transform(Complex<Real>* data, int sign) {
  if (is_power_of_two(size_)) {
    stockham(data, sign);
  } else {
    bluestein(data, sign);
  }
}

template <typename Real>
void Fft<Real>::stockham(Complex<Real>* data, int sign) {
  Complex<Real>* x = data;
  Complex<Real>* y = scratch_.data();
  std::size_t stride = 1;
  std::size_t length = size_;
  for (; length >= 4; length /= 4, stride *= 4) {
    if (sign < 0) {
      radix4<true>(length, stride, roots_, x, y);
    } else {
      radix4<false>(length, stride, roots_, x, y);
    }
    std::swap(x, y);
  }
  if (length == 2) {
    radix2(stride, x, y);
    std::swap(x, y);
  }
  if (x != data) std::copy(x, x + size_, data);
}

// jk = (j² + k² − (j−k)²) / 2 turns the transform into a convolution with a chirp.
template <typename Real>
void Fft<Real>::bluestein(Complex<Real>* data, int sign) {
  Fft<double>& wide = wide_.front();
  const std::size_t length = wide.size();
  std::vector<Complex<double>> a(length);
  std::vector<Complex<double>> b(length);
  std::vector<Complex<double>> chirp(size_);
  for (std::size_t k = 0; k < size_; ++k) {
    const auto turns = static_cast<double>(k * k % (2 * size_)) / 2;
    chirp[k] = root<double>(turns, static_cast<double>(size_));
    if (sign > 0) chirp[k] = conjugate(chirp[k]);
    a[k] = Complex<double>{data[k].re, data[k].im} * chirp[k];
    b[k] = conjugate(chirp[k]);
    if (k > 0) b[length - k] = b[k];
  }
  wide.transform(a.data(), -1);
  wide.transform(b.data(), -1);
  for (std::size_t k = 0; k < length; ++k) a[k] = a[k] * b[k];
  wide.transform(a.data(), 1);
  for (std::size_t k = 0; k < size_; ++k) {
    const Complex<double> value = a[k] * chirp[k];
    data[k] = {static_cast<Real>(value.re / static_cast<double>(length)),
               static_cast<Real>(value.im / static_cast<double>(length))};
  }
}

// Even size: even and odd samples are real and imaginary part of a transform of half the size,
// whose result Z splits by X[k] = E[k] + w^k O[k], E = (Z[k] + Z*[−k]) / 2, O = (Z[k] − Z*[−k]) /
// 2i.
template <typename Real>
void Fft<Real>::real_to_complex(const Real* in, Complex<Real>* out) {
  if (half_.empty()) {
    for (std::size_t k = 0; k < size_; ++k) packed_[k] = {in[k], 0};
    transform(packed_.data(), -1);
    std::copy(packed_.begin(), packed_.begin() + static_cast<std::ptrdiff_t>(size_ / 2 + 1), out);
    return;
  }
  const std::size_t half = size_ / 2;
  for (std::size_t k = 0; k < half; ++k) packed_[k] = {in[2 * k], in[2 * k + 1]};
  half_.front().transform(packed_.data(), -1);
  constexpr Real kHalf = Real(0.5);
  for (std::size_t k = 0; k <= half; ++k) {
    const Complex<Real> z = packed_[k % half];
    const Complex<Real> mirror = conjugate(packed_[(half - k) % half]);
    const Complex<Real> even = {kHalf * (z.re + mirror.re), kHalf * (z.im + mirror.im)};
    const Complex<Real> odd = {kHalf * (z.im - mirror.im), kHalf * (mirror.re - z.re)};
    const Complex<Real> w = k == half ? Complex<Real>{-1, 0} : roots_[k];
    out[k] = even + w * odd;
  }
  out[0].im = 0;
  out[half].im = 0;
}

template <typename Real>
void Fft<Real>::complex_to_real(const Complex<Real>* in, Real* out) {
  const std::size_t half = size_ / 2;
  if (half_.empty()) {
    packed_[0] = {in[0].re, 0};
    for (std::size_t k = 1; k <= half; ++k) {
      packed_[k] = in[k];
      packed_[size_ - k] = conjugate(in[k]);
    }
    transform(packed_.data(), 1);
    for (std::size_t k = 0; k < size_; ++k) out[k] = packed_[k].re;
    return;
  }
  const auto bin = [&](std::size_t k) {
    return k == 0 || k == half ? Complex<Real>{in[k].re, 0} : in[k];
  };
  for (std::size_t k = 0; k < half; ++k) {
    const Complex<Real> x = bin(k);
    const Complex<Real> mirror = conjugate(bin(half - k));
    const Complex<Real> even = x + mirror;
    const Complex<Real> odd = (x - mirror) * conjugate(roots_[k]);
    packed_[k] = {even.re - odd.im, even.im + odd.re};
  }
  half_.front().transform(packed_.data(), 1);
  for (std::size_t k = 0; k < half; ++k) {
    out[2 * k] = packed_[k].re;
    out[2 * k + 1] = packed_[k].im;
  }
}

template <typename Real>
Fft<Real>& fft_of(std::size_t size) {
  static auto& made = *new std::map<std::size_t, Fft<Real>>;
  const auto found = made.find(size);
  return found != made.end() ? found->second : made.emplace(size, Fft<Real>(size)).first->second;
}

template class Fft<float>;
template class Fft<double>;
template Fft<float>& fft_of<float>(std::size_t size);
template Fft<double>& fft_of<double>(std::size_t size);

}  // namespace cudacpu
