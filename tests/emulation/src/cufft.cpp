// SPDX-License-Identifier: Apache-2.0
// cudacpu: cuFFT subset over a small FFT of our own (radix-2, Bluestein for other sizes); single
// precision with double twiddles, or double throughout with CUDACPU_FFT_DOUBLE=1
#include "cufft.h"
#include <complex>
#include <vector>
namespace {
template <class R>
using C = std::complex<R>;
template <class R>
C<R> cis(double num, double den) {
  double a = 2 * 3.141592653589793238462643 * (num / den);
  return {R(std::cos(a)), R(std::sin(a))};
}
template <class R>
void fft2(C<R>* x, size_t n, int sign) {  // n a power of two, in place
  for (size_t i = 1, j = 0; i < n; i++) {
    size_t b = n >> 1;
    for (; j & b; b >>= 1) j ^= b;
    j ^= b;
    if (i < j) std::swap(x[i], x[j]);
  }
  struct Tw {
    size_t n;
    int sign;
    std::vector<C<R>> w;
  };
  static thread_local std::vector<Tw> tw;
  size_t q = 0;
  while (q < tw.size() && (tw[q].n != n || tw[q].sign != sign)) q++;
  if (q == tw.size()) tw.push_back({n, sign, {}});
  auto& w = tw[q].w;
  if (w.empty())
    for (size_t k = 0; k < std::max<size_t>(n / 2, 1); k++)
      w.push_back(cis<R>(sign * double(k), double(n)));
  for (size_t len = 2; len <= n; len <<= 1)
    for (size_t i = 0, h = len / 2, st = n / len; i < n; i += len)
      for (size_t k = 0; k < h; k++) {
        C<R> t = w[k * st], a = x[i + k], b = x[i + k + h];
        C<R> v(t.real() * b.real() - t.imag() * b.imag(),
               t.real() * b.imag() + t.imag() * b.real());
        x[i + k] = {a.real() + v.real(), a.imag() + v.imag()};
        x[i + k + h] = {a.real() - v.real(), a.imag() - v.imag()};
      }
}
template <class R>
void fft(std::vector<C<R>>& x, int sign) {
  size_t n = x.size();
  if ((n & (n - 1)) == 0) return fft2(x.data(), n, sign);
  size_t m = 1;
  while (m < 2 * n - 1) m <<= 1;
  std::vector<C<double>> a(m), b(m), ch(n);  // Bluestein, always in double
  for (size_t k = 0; k < n; k++)
    ch[k] = cis<double>(sign * double((k * k) % (2 * n)) / 2, double(n));
  for (size_t k = 0; k < n; k++) {
    a[k] = C<double>(x[k].real(), x[k].imag()) * ch[k];
    b[k] = std::conj(ch[k]);
    if (k) b[m - k] = b[k];
  }
  fft2(a.data(), m, -1);
  fft2(b.data(), m, -1);
  for (size_t k = 0; k < m; k++) a[k] *= b[k];
  fft2(a.data(), m, 1);
  for (size_t k = 0; k < n; k++) {
    auto v = a[k] / double(m) * ch[k];
    x[k] = {R(v.real()), R(v.imag())};
  }
}
struct Plan {
  int n, batch;
  cufftType type;
  long is, id, os, od;
  bool basic;
  cudaStream_t s;
};
std::vector<Plan> plans;  // handle = index + 1; n = 0: destroyed
Plan* get(cufftHandle h) {
  return h > 0 && size_t(h) <= plans.size() && plans[size_t(h - 1)].n ? &plans[size_t(h - 1)]
                                                                      : nullptr;
}
template <class R>
void exec(const Plan& p, void* in, void* out, int dir) {
  const float* ri = (const float*)in;
  const float2* ci = (const float2*)in;
  float* ro = (float*)out;
  float2* co = (float2*)out;
  long is = p.is, id = p.id, os = p.os, od = p.od, h = p.n / 2 + 1;
  if (p.basic) {
    is = os = 1;
    bool inplace = in == out;
    id = p.type == CUFFT_R2C ? (inplace ? 2 * h : p.n) : p.type == CUFFT_C2R ? h : p.n;
    od = p.type == CUFFT_R2C ? h : p.type == CUFFT_C2R ? (inplace ? 2 * h : p.n) : p.n;
  }
  std::vector<std::vector<C<R>>> r(size_t(p.batch), std::vector<C<R>>(size_t(p.n)));
  for (int b = 0; b < p.batch;
       b++) {  // read every batch before writing any: in-place layouts are safe
    auto& x = r[size_t(b)];
    for (long k = 0; k < p.n; k++) {
      if (p.type == CUFFT_R2C)
        x[size_t(k)] = {R(ri[b * id + k * is]), R(0)};
      else if (p.type == CUFFT_C2C) {
        auto v = ci[b * id + k * is];
        x[size_t(k)] = {R(v.x), R(v.y)};
      } else {
        bool up = k >= h;
        auto v = ci[b * id + (up ? p.n - k : k) * is];
        bool edge = k == 0 || 2 * k == p.n;
        x[size_t(k)] = {R(v.x), edge ? R(0) : R(up ? -v.y : v.y)};
      }
    }
    fft(x, p.type == CUFFT_R2C ? -1 : p.type == CUFFT_C2R ? 1 : dir);
  }
  if (p.type == CUFFT_C2R && in != out)
    for (int b = 0; b < p.batch; b++)
      for (long k = 0; k < h; k++)
        std::memset((void*)&ci[b * id + k * is], 0xff, 8);  // treat the input as destroyed
  for (int b = 0; b < p.batch; b++) {
    auto& x = r[size_t(b)];
    for (long k = 0; k < (p.type == CUFFT_R2C ? h : p.n); k++) {
      auto v = x[size_t(k)];
      if (p.type == CUFFT_C2R)
        ro[b * od + k * os] = float(v.real());
      else
        co[b * od + k * os] = {float(v.real()), float(v.imag())};
    }
  }
}
cufftResult run(cufftHandle h, cufftType t, void* in, void* out, int dir) {
  Plan* pp = get(h);
  if (!pp) return CUFFT_INVALID_PLAN;
  Plan p = *pp;
  if (p.type != t) return CUFFT_INVALID_TYPE;
  size_t hb = size_t(p.n / 2 + 1),
         ein = t == CUFFT_R2C   ? size_t(p.n) * 4
               : t == CUFFT_C2R ? hb * 8
                                : size_t(p.n) * 8,
         eout = t == CUFFT_C2R   ? size_t(p.n) * 4
                : t == CUFFT_R2C ? hb * 8
                                 : size_t(p.n) * 8;
  if (p.basic) {
    ein *= size_t(p.batch);
    eout *= size_t(p.batch);
  }
  if (!cudacpu::is_device_ptr(in, ein, false) || !cudacpu::is_device_ptr(out, eout, false)) {
    cudacpu::fail(cudaErrorIllegalAddress, "cufftExec: a buffer is not device memory or too small");
    return CUFFT_EXEC_FAILED;
  }
  if ((uintptr_t)in % 8 || (uintptr_t)out % 8) return CUFFT_INVALID_VALUE;
  static bool dbl = getenv("CUDACPU_FFT_DOUBLE") != nullptr;
  return cudacpu::enqueue(
             p.s, [=] { dbl ? exec<double>(p, in, out, dir) : exec<float>(p, in, out, dir); })
             ? CUFFT_EXEC_FAILED
             : CUFFT_SUCCESS;
}
}  // namespace
cufftResult cufftPlanMany(cufftHandle* h, int rank, int* n, int* inembed, int istride, int idist,
                          int* onembed, int ostride, int odist, cufftType t, int batch) {
  if (rank != 1) return CUFFT_NOT_SUPPORTED;
  if (t != CUFFT_R2C && t != CUFFT_C2R && t != CUFFT_C2C) return CUFFT_NOT_SUPPORTED;
  if (n[0] < 1 || batch < 1) return CUFFT_INVALID_SIZE;
  bool basic = !inembed || !onembed;  // cuFFT ignores all strides then (FFTW would not)
  plans.push_back({n[0], batch, t, istride, idist, ostride, odist, basic, nullptr});
  *h = int(plans.size());
  return CUFFT_SUCCESS;
}
cufftResult cufftPlan1d(cufftHandle* h, int n, cufftType t, int batch) {
  return cufftPlanMany(h, 1, &n, nullptr, 1, 0, nullptr, 1, 0, t, batch);
}
cufftResult cufftDestroy(cufftHandle h) {
  cudaDeviceSynchronize();
  Plan* p = get(h);
  if (!p) return CUFFT_INVALID_PLAN;
  p->n = 0;
  return CUFFT_SUCCESS;
}
cufftResult cufftSetStream(cufftHandle h, cudaStream_t s) {
  Plan* p = get(h);
  if (!p) return CUFFT_INVALID_PLAN;
  p->s = s;
  return CUFFT_SUCCESS;
}
cufftResult cufftExecR2C(cufftHandle h, cufftReal* i, cufftComplex* o) {
  return run(h, CUFFT_R2C, i, o, -1);
}
cufftResult cufftExecC2R(cufftHandle h, cufftComplex* i, cufftReal* o) {
  return run(h, CUFFT_C2R, i, o, 1);
}
cufftResult cufftExecC2C(cufftHandle h, cufftComplex* i, cufftComplex* o, int d) {
  return run(h, CUFFT_C2C, i, o, d);
}
cufftResult cufftGetVersion(int* v) {
  *v = 12000;
  return CUFFT_SUCCESS;
}
cufftResult cufftGetSize(cufftHandle, size_t* s) {
  *s = 0;
  return CUFFT_SUCCESS;
}
