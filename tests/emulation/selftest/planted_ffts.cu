// SPDX-License-Identifier: Apache-2.0
// cuFFT: buffers that are too small, and inputs that an inverse transform used up.
#include "kernels/runtime/fft_plan.hpp"
#include "tests/emulation/selftest/planted.hpp"

namespace tutti::cuda {
namespace {

std::vector<float> spectrum_too_small() {
  const DeviceBuffer<float> signal(64);
  const DeviceBuffer<float2> bins(32);  // of 33
  clear(nullptr, signal.span());
  cufftHandle plan = 0;
  check(cufftPlan1d(&plan, 64, CUFFT_R2C, 1), "cufftPlan1d");
  check(cufftExecR2C(plan, signal.data(), bins.data()), "cufftExecR2C");
  check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  return {};
}

std::vector<float> read_spectrum_after_inverse() {
  const Stream stream;
  const DeviceBuffer<float> signal(64);
  const DeviceBuffer<float2> bins(33);
  clear(stream, bins.span());
  FftPlan plan(dense_fft(FftKind::complex_to_real, 64, 1));
  plan.execute(stream, bins.span(), signal.span());
  return {host_copy(stream, bins.span())[1].x};
}

std::vector<float> transform_there_and_back() {
  const Stream stream;
  std::vector<float> ramp(64);
  for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<float>(i);
  const DeviceBuffer<float> signal = device_copy(stream, ramp);
  const DeviceBuffer<float2> bins(stream, 33);
  FftPlanCache plans;
  plans.plan(dense_fft(FftKind::real_to_complex, 64, 1))
      .execute(stream, signal.span(), bins.span());
  plans.plan(dense_fft(FftKind::complex_to_real, 64, 1))
      .execute(stream, bins.span(), signal.span());
  return host_copy(stream, signal.span());
}

}  // namespace

std::vector<Planted> planted_ffts() {
  return {
      {"RightTransformThereAndBack", 0, transform_there_and_back},
      {"FftOutputTooSmall", kEveryBuild, spectrum_too_small},
      {"SpectrumReadAfterInverse", kEveryBuild, read_spectrum_after_inverse},
  };
}

}  // namespace tutti::cuda
