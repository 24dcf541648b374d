// SPDX-License-Identifier: Apache-2.0
// Transforms against the sum that defines them, in long double.
#include "kernels/runtime/fft_plan.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <random>
#include <stdexcept>

#include "kernels/runtime/check.hpp"
#include "kernels/runtime/device_buffer.hpp"
#include "kernels/runtime/stream.hpp"
#include "tests/kernels/support/schedules.hpp"

namespace tutti::cuda {
namespace {

using Bins = std::vector<std::complex<double>>;

std::vector<float> noise(std::size_t size) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> uniform(-1.0F, 1.0F);
  std::vector<float> values(size);
  for (float& value : values) value = uniform(random);
  return values;
}

/// X[k] = Σ x[n] exp(sign · 2πi kn / N)
Bins plain_transform(const Bins& in, int sign) {
  const std::size_t size = in.size();
  Bins out(size);
  for (std::size_t k = 0; k < size; ++k) {
    std::complex<long double> sum = 0;
    for (std::size_t n = 0; n < size; ++n) {
      const long double turns =
          static_cast<long double>(k * n % size) / static_cast<long double>(size);
      const long double angle =
          static_cast<long double>(sign) * 2 * 3.14159265358979323846264L * turns;
      sum += std::complex<long double>(in[n]) * std::polar(1.0L, angle);
    }
    out[k] = std::complex<double>(sum);
  }
  return out;
}

/// Residual in dB below the largest value of `truth`.
double residual_db(const Bins& truth, const Bins& other) {
  double largest = 0.0;
  double error = 0.0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    largest = std::max(largest, std::abs(truth[i]));
    error = std::max(error, std::abs(truth[i] - other[i]));
  }
  return 20.0 * std::log10((error + 1e-30) / largest);
}

// Single precision, 2^-24 or −144 dB a rounding, through log2(N) ≤ 8 levels there and as many back,
// the peak of all bins: some 16 times one rounding. Half of that budget again for cuFFT's own ways.
constexpr double kBoundDb = -117.0;

class FftPlanSizes : public testing::TestWithParam<int> {};

TEST_P(FftPlanSizes, RealTransformsThereAndBack) {
  const int size = GetParam();
  const auto points = static_cast<std::size_t>(size);
  const std::vector<float> signal = noise(points);
  const Stream stream;
  const DeviceBuffer<float> in = device_copy(stream, signal);
  const DeviceBuffer<float2> bins(stream, points / 2 + 1);
  const DeviceBuffer<float> back(stream, points);
  FftPlanCache plans;
  plans.plan(dense_fft(FftKind::real_to_complex, size, 1)).execute(stream, in.span(), bins.span());
  const std::vector<float2> spectrum = host_copy(stream, bins.span());
  plans.plan(dense_fft(FftKind::complex_to_real, size, 1))
      .execute(stream, bins.span(), back.span());
  const std::vector<float> result = host_copy(stream, back.span());

  Bins truth = plain_transform(Bins(signal.begin(), signal.end()), -1);
  truth.resize(points / 2 + 1);
  Bins computed;
  for (const float2 bin : spectrum) computed.emplace_back(bin.x, bin.y);
  EXPECT_LT(residual_db(truth, computed), kBoundDb);
  Bins scaled;
  for (const float value : result) scaled.emplace_back(value / static_cast<float>(size));
  EXPECT_LT(residual_db(Bins(signal.begin(), signal.end()), scaled), kBoundDb);
}

TEST_P(FftPlanSizes, ComplexTransformsBothWays) {
  const int size = GetParam();
  const std::vector<float> values = noise(2 * static_cast<std::size_t>(size));
  std::vector<float2> signal;
  Bins truth_in;
  for (std::size_t i = 0; i < values.size(); i += 2) {
    signal.push_back({values[i], values[i + 1]});
    truth_in.emplace_back(values[i], values[i + 1]);
  }
  const Stream stream;
  const DeviceBuffer<float2> in = device_copy(stream, signal);
  const DeviceBuffer<float2> out(stream, signal.size());
  FftPlan plan(dense_fft(FftKind::complex_to_complex, size, 1));
  for (const FftDirection direction : {FftDirection::forward, FftDirection::inverse}) {
    plan.execute(stream, in.span(), out.span(), direction);
    Bins computed;
    for (const float2 bin : host_copy(stream, out.span())) computed.emplace_back(bin.x, bin.y);
    const int sign = direction == FftDirection::forward ? -1 : 1;
    EXPECT_LT(residual_db(plain_transform(truth_in, sign), computed), kBoundDb);
  }
}

// 1 and 2; odd, prime, even but no power of two; powers of two with an even and an odd exponent.
INSTANTIATE_TEST_SUITE_P(Sizes, FftPlanSizes,
                         testing::Values(1, 2, 3, 4, 6, 8, 15, 31, 64, 100, 128, 243));

// Overlapping inputs, gaps between the outputs: the layout of overlap-save.
TEST(FftPlan, FollowsDistancesOfABatch) {
  constexpr int kSize = 16;
  constexpr int kHop = 5;
  constexpr int kBatch = 4;
  constexpr int kOutDistance = 11;  // of 9 bins
  const std::vector<float> signal = noise(kHop * (kBatch - 1) + kSize);
  const auto spectra = under_every_schedule([&] {
    const Stream stream;
    const DeviceBuffer<float> in = device_copy(stream, signal);
    const DeviceBuffer<float2> bins(stream, kOutDistance * (kBatch - 1) + kSize / 2 + 1);
    clear(stream, bins.span());
    FftShape shape = dense_fft(FftKind::real_to_complex, kSize, kBatch);
    shape.in_distance = kHop;
    shape.out_distance = kOutDistance;
    FftPlan plan(shape);
    plan.execute(stream, in.span(), bins.span());
    std::vector<float> flat;
    for (const float2 bin : host_copy(stream, bins.span())) {
      flat.push_back(bin.x);
      flat.push_back(bin.y);
    }
    return flat;
  });
  for (int b = 0; b < kBatch; ++b) {
    Bins truth =
        plain_transform(Bins(signal.begin() + b * kHop, signal.begin() + b * kHop + kSize), -1);
    truth.resize(kSize / 2 + 1);
    Bins computed;
    for (int k = 0; k <= kSize / 2; ++k) {
      const auto at = static_cast<std::size_t>(2 * (b * kOutDistance + k));
      computed.emplace_back(spectra[at], spectra[at + 1]);
    }
    EXPECT_LT(residual_db(truth, computed), kBoundDb) << "transform " << b;
  }
  EXPECT_EQ(spectra[2 * 9], 0.0F) << "the gap was written to";
}

TEST(FftPlan, RefusesTheWrongKindAndShortSpans) {
  const Stream stream;
  const DeviceBuffer<float> reals(stream, 16);
  const DeviceBuffer<float2> bins(stream, 9);
  FftPlan plan(dense_fft(FftKind::real_to_complex, 16, 1));
  EXPECT_THROW(plan.execute(stream, bins.span(), reals.span()), std::logic_error);
  EXPECT_THROW(plan.execute(stream, reals.span(), bins.span().subspan(1)), std::logic_error);
}

TEST(FftPlan, RefusesSizesThatAreNone) {
  EXPECT_THROW(FftPlan(dense_fft(FftKind::real_to_complex, 0, 1)), DeviceError);
}

TEST(FftPlanCache, MakesEachPlanOnce) {
  FftPlanCache plans;
  const FftShape shape = dense_fft(FftKind::real_to_complex, 32, 2);
  const FftPlan* const first = &plans.plan(shape);
  EXPECT_EQ(&plans.plan(shape), first);
  plans.plan(dense_fft(FftKind::real_to_complex, 32, 3));
  plans.plan(dense_fft(FftKind::complex_to_real, 32, 2));
  EXPECT_EQ(plans.size(), 3U);
  EXPECT_EQ(&plans.plan(shape), first);
}

#ifdef TUTTI_CUDA_EMULATED
TEST(FftPlan, SaysWhenThereIsNoMemoryForItsWorkArea) {
  cudacpu::set_memory_limit(100);
  EXPECT_THROW(FftPlan(dense_fft(FftKind::real_to_complex, 4096, 1)), DeviceMemoryError);
  cudacpu::set_memory_limit(std::size_t{8} << 30);
}
#endif

}  // namespace
}  // namespace tutti::cuda
