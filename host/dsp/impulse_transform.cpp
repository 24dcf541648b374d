// SPDX-License-Identifier: Apache-2.0
// Real sequences of length 2N modulo z^(2N) + 1 are complex ones of length N modulo z^N − i; that
// modulus splits into two of half the degree, z^(N/2) = ±r with r² = i, and so on down to degree 1.
// Products there are products modulo z^(2N) + 1, and with 2N at least the length of the result
// nothing wraps.
#include "host/dsp/impulse_transform.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>

#include "host/audio/units.hpp"

namespace tutti::impulse_transform {
namespace {

// std::complex multiplies through a check for NaN; plain pairs do not.
struct Complex {
  double re = 0, im = 0;
};

Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
Complex operator*(Complex a, Complex b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
Complex conjugate(Complex a) { return {a.re, -a.im}; }

// Roots r of the nodes of every level of the tree, in the order in which the splits leave them.
std::vector<std::vector<Complex>> make_levels(std::size_t points) {
  std::vector<std::vector<Complex>> levels;
  std::vector<double> turns{0.25};  // z^N = i
  for (std::size_t nodes = 1; nodes < points; nodes *= 2) {
    std::vector<Complex> roots;
    std::vector<double> next;
    for (double t : turns) {
      roots.push_back({std::cos(kPi * t), std::sin(kPi * t)});
      next.push_back(t / 2);
      next.push_back(t / 2 + 0.5);
    }
    levels.push_back(std::move(roots));
    turns.swap(next);
  }
  return levels;
}

void forward(const std::vector<std::vector<Complex>>& levels, std::vector<Complex>& z) {
  std::size_t half = z.size() / 2;
  for (const std::vector<Complex>& roots : levels) {
    Complex* node = z.data();
    for (const Complex& root : roots) {
      for (std::size_t n = 0; n < half; ++n) {
        const Complex a = node[n], b = root * node[n + half];
        node[n] = a + b;
        node[n + half] = a - b;
      }
      node += 2 * half;
    }
    half /= 2;
  }
}

void inverse(const std::vector<std::vector<Complex>>& levels, std::vector<Complex>& z) {
  std::size_t half = 1;
  for (std::size_t level = levels.size(); level-- > 0;) {
    Complex* node = z.data();
    for (const Complex& root : levels[level]) {
      for (std::size_t n = 0; n < half; ++n) {
        const Complex a = node[n], b = node[n + half];
        node[n] = a + b;
        node[n + half] = conjugate(root) * (a - b);
      }
      node += 2 * half;
    }
    half *= 2;
  }
}

std::vector<Complex> fold(std::span<const double> x, std::size_t points) {
  std::vector<Complex> z(points);
  for (std::size_t n = 0; n < x.size(); ++n) (n < points ? z[n].re : z[n - points].im) = x[n];
  return z;
}

}  // namespace

std::vector<double> convolve(std::span<const double> a, std::span<const double> b) {
  const std::size_t size = a.size() + b.size() - 1;
  const std::size_t points = std::max<std::size_t>(2, std::bit_ceil(size) / 2);
  const auto levels = make_levels(points);
  std::vector<Complex> x = fold(a, points), y = fold(b, points);
  forward(levels, x);
  forward(levels, y);
  const double scale = 1.0 / static_cast<double>(points);
  for (std::size_t n = 0; n < points; ++n) {
    const Complex product = x[n] * y[n];
    x[n] = {product.re * scale, product.im * scale};
  }
  inverse(levels, x);
  std::vector<double> out(size);
  for (std::size_t n = 0; n < size; ++n) out[n] = n < points ? x[n].re : x[n - points].im;
  return out;
}

}  // namespace tutti::impulse_transform
