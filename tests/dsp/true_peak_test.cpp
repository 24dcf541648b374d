// SPDX-License-Identifier: Apache-2.0
#include "host/dsp/true_peak.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>

#include "host/audio/units.hpp"

namespace tutti::test {
namespace {

// Response of one phase at `frequency` (a share of the rate), its delay taken out.
std::complex<double> phase_response(int phase, double frequency) {
  std::complex<double> sum = 0;
  for (int k = 0; k < kTruePeakTaps; ++k)
    sum += true_peak_tap(k, phase) * std::polar(1.0, 2 * kPi * frequency * (k - 31 - phase / 16.0));
  return sum;
}

TEST(TruePeakDesign, InterpolatesTonesUpTo045OfTheRate) {
  for (int phase = 0; phase < kTruePeakPhases; ++phase)
    for (double frequency = 0; frequency <= 0.45; frequency += 0.005)
      EXPECT_LT(std::abs(phase_response(phase, frequency) - 1.0), 1.2e-4)
          << phase << " " << frequency;
}

TEST(TruePeakDesign, HasPhaseZeroAsTheSampleAndMirrorsTheOthers) {
  for (int k = 0; k < kTruePeakTaps; ++k) EXPECT_EQ(true_peak_tap(k, 0), k == 31 ? 1 : 0);
  for (int phase = 1; phase < kTruePeakPhases; ++phase)
    for (int k = 0; k < kTruePeakTaps; ++k)
      EXPECT_NEAR(true_peak_tap(k, phase), true_peak_tap(63 - k, 16 - phase), 1e-15);
}

TEST(TruePeakDesign, BoundsArePlausible) {
  const TruePeakDesign& d = true_peak_design();
  // Half-way between alternating samples the sinc weighs 2/π · Σ 1/(k + ½), windowed.
  EXPECT_GT(d.sum, 2.5F);
  EXPECT_LT(d.sum, 3.0F);
  EXPECT_NEAR(d.overlap, 4 / kPi - 1, 0.01);
  // A cubic on the half-sample grid errs by cos-like 0.116 at the Nyquist frequency at least.
  EXPECT_GT(d.cubic, 0.1F);
  EXPECT_LT(d.cubic, 0.2F);
}

}  // namespace
}  // namespace tutti::test
