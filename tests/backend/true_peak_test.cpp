// SPDX-License-Identifier: Apache-2.0
// True peaks on every machine: EBU Tech 3341 and the slow reference.
#include <cmath>
#include <vector>

#include "tests/reference/true_peak.hpp"
#include "tests/support/backend_streams.hpp"
#include "tests/support/signals.hpp"

namespace tutti::test {
namespace {

constexpr double kRateHz = 48000;
// Float interpolation of 64 taps.
constexpr double kFloatDb = 2e-5;

class TruePeakOnEveryMachine : public ::testing::TestWithParam<Machine> {
 protected:
  double true_peak_dbtp(const Buffer& signal, double rate_hz = kRateHz) const {
    const std::vector<double> weights(static_cast<std::size_t>(signal.channels()), 1.0);
    return *measure_on(*backend_, signal, rate_hz, weights, {false, true, false}).true_peak_dbtp;
  }

  std::unique_ptr<Backend> backend_ = open_machine(GetParam());
};

// The interpolator is flat within 0.001 dB at these frequencies, and the peaks lie on its grid.
TEST_P(TruePeakOnEveryMachine, Tech3341Cases15To19FindPeaksBetweenSamples) {
  struct Case {
    double divisor, amplitude, phase_deg, exact_dbtp;
  };
  for (double rate_hz : {44100.0, 48000.0, 192000.0})
    for (const Case& tone : {Case{4, 0.5, 0, -6.0206},
                             {4, 0.5, 45, -6.0206},
                             {6, 0.5, 60, -6.0206},
                             {8, 0.5, 67.5, -6.0206},
                             {4, 1.41, 45, 2.9844}}) {
      Buffer signal = sine(rate_hz / tone.divisor, tone.amplitude, tone.phase_deg * kPi / 180,
                           static_cast<Frames>(0.05 * rate_hz), rate_hz);
      fade_ends(signal, static_cast<Frames>(0.01 * rate_hz));
      EXPECT_NEAR(true_peak_dbtp(signal, rate_hz), tone.exact_dbtp, 0.001)
          << "fs/" << tone.divisor << " at " << tone.phase_deg << " degrees";
    }
}

// Skipping by bounds must not change a digit: the slow way computes every phase of every interval.
TEST_P(TruePeakOnEveryMachine, EqualsTheInterpolationOfEverything) {
  const Buffer signals[] = {white_noise(1, 6000, 0.5, 7), music_like(1, 6000, 48000, 5, 0.3),
                            music_like(1, 6000, 48000, 5, 2.0),
                            log_sweep(20, 23000, 0.7, 6000, 48000),
                            sine(11999, 0.9, 0.3, 6000, 48000)};
  for (const Buffer& signal : signals)
    EXPECT_NEAR(true_peak_dbtp(signal), 20 * std::log10(reference_true_peak(channel_of(signal))),
                kFloatDb);
}

TEST_P(TruePeakOnEveryMachine, HearsTheEdgesOfAnUnfadedSignal) {
  // +1, +1 between zeros peaks half-way at 4/π in theory; at the start, at the end of a span of the
  // CUDA meter and around it, and where only silence that nobody feeds rings on.
  for (Frames lead : {0, 1, 4063, 4064, 4094, 4095}) {
    Buffer pair(1, lead + 2);
    pair.channel(0)[lead] = pair.channel(0)[lead + 1] = 1;
    EXPECT_NEAR(true_peak_dbtp(pair), 20 * std::log10(4 / kPi), 0.02) << lead;
    EXPECT_NEAR(true_peak_dbtp(pair), 20 * std::log10(reference_true_peak(channel_of(pair))),
                kFloatDb)
        << lead;
  }
}

// A peak on the border of two spans of the CUDA meter, whose samples must outlast the longest wait:
// one frame short of a span, and then as many new frames as a span has.
TEST_P(TruePeakOnEveryMachine, RemembersWhatLiesBeforeASpan) {
  Buffer pair(1, 13000);
  pair.channel(0)[4094] = pair.channel(0)[4095] = 1;
  const MeterParts parts{false, true, false};
  const double peak =
      *measure_on(*backend_, pair, kRateHz, {1}, parts, {4095, 4096, 4096}).true_peak_dbtp;
  EXPECT_NEAR(peak, 20 * std::log10(reference_true_peak(channel_of(pair))), kFloatDb);
}

TEST_P(TruePeakOnEveryMachine, BoundsHoldForWorstCases) {
  // Signs that line all taps of a phase up: nothing can read higher.
  for (int phase : {1, 4, 8, 12, 15}) {
    Buffer worst(1, 200);
    for (int k = 0; k < kTruePeakTaps; ++k)
      worst.channel(0)[60 + k] = true_peak_tap(k, phase) < 0 ? -1.0F : 1.0F;
    EXPECT_NEAR(true_peak_dbtp(worst), 20 * std::log10(reference_true_peak(channel_of(worst))),
                kFloatDb);
  }
}

TEST_P(TruePeakOnEveryMachine, IsTheHighestOfAllChannels) {
  Buffer signal = white_noise(6, 9000, 0.2, 3);
  signal.channel(4)[8998] = signal.channel(4)[8999] = 0.9F;
  EXPECT_NEAR(true_peak_dbtp(signal), 20 * std::log10(reference_true_peak(channel_of(signal, 4))),
              kFloatDb);
}

TUTTI_ON_EVERY_MACHINE(TruePeakOnEveryMachine);

// Both interpolate with the same operations in the same order, where the CPU has fused ones.
TEST(TruePeakParity, ReadsAlikeOnBothMachines) {
  const auto cpu = open_machine(Machine::cpu), cuda = open_machine(Machine::cuda);
  for (const Buffer& signal :
       {white_noise(2, 20000, 0.6, 9), music_like(2, 20000, 48000, 4, 1.5)}) {
    const MeterParts parts{false, true, false};
    EXPECT_NEAR(*measure_on(*cpu, signal, kRateHz, {1, 1}, parts).true_peak_dbtp,
                *measure_on(*cuda, signal, kRateHz, {1, 1}, parts).true_peak_dbtp, 1e-6);
  }
}

}  // namespace
}  // namespace tutti::test
