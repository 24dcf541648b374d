// SPDX-License-Identifier: Apache-2.0
// A small FFT of the emulation's own: it shares nothing with what it helps to test.
#pragma once

#include <cstddef>
#include <vector>

namespace cudacpu {

template <typename Real>
struct Complex {
  Real re = 0;
  Real im = 0;
};

/// Transforms of one size, unnormalised, in Real with twiddles rounded from double. Any size ≥ 1:
/// powers of two by Stockham's radix 4, others by Bluestein's convolution in double.
template <typename Real>
class Fft {
 public:
  explicit Fft(std::size_t size);
  std::size_t size() const { return size_; }

  /// In place; `sign` −1 is forward, +1 backward.
  void transform(Complex<Real>* data, int sign);
  /// `size` reals to size / 2 + 1 bins, forward.
  void real_to_complex(const Real* in, Complex<Real>* out);
  /// size / 2 + 1 bins to `size` reals, backward. The imaginary parts of the bins that have none
  /// are ignored.
  void complex_to_real(const Complex<Real>* in, Real* out);

 private:
  void stockham(Complex<Real>* data, int sign);
  void bluestein(Complex<Real>* data, int sign);

  std::size_t size_;
  std::vector<Complex<Real>> roots_;  ///< exp(−2πik / size)
  std::vector<Complex<Real>> scratch_;
  std::vector<Complex<Real>> packed_;
  std::vector<Fft> half_;          ///< of size / 2, for real transforms of even size; none or one
  std::vector<Fft<double>> wide_;  ///< Bluestein's convolution; none or one
};

/// The transform of that size, made when it is first asked for. Under the one lock.
template <typename Real>
Fft<Real>& fft_of(std::size_t size);

}  // namespace cudacpu
