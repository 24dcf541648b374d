// SPDX-License-Identifier: Apache-2.0
// A limiter that runs only where it can act against one that runs from the first frame to the last.
#include "host/engine/limited_spans.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "host/cpu/limiter.hpp"
#include "host/cpu/meter.hpp"
#include "host/dsp/fade.hpp"
#include "host/dsp/programme_loudness.hpp"
#include "host/engine/master_blocks.hpp"
#include "host/engine/master_signal.hpp"
#include "tests/support/signals.hpp"

namespace tutti::test {
namespace {

constexpr double kGainDb = 3.3;
const std::vector<double> kWeights = {1, 1};

struct Case {
  double rate_hz, length_s, release_ms, link;
  std::vector<double> bursts_s;
  std::size_t spans;
};

LimiterSpec limiter_spec(const Case& c) {
  LimiterSpec spec;
  spec.release_ms = c.release_ms;
  spec.link = c.link;
  return spec;
}

/// Noise whose true peak behind the gain is just below what counts as near the ceiling, and bursts far
/// over it, one in the other channel too.
Buffer programme(const Case& c, const LimiterDesign& limiter) {
  const auto frames = static_cast<Frames>(c.length_s * c.rate_hz) + 77;
  Buffer signal = white_noise(2, frames, 0.3, 5);
  const Measurement plain = measure(signal.view(), c.rate_hz, kWeights);
  const double scale = limiter.ceiling * (1 - 2 * kNearCeiling) / db_to_linear(kGainDb) /
                       db_to_linear(*plain.true_peak_dbtp);
  for (int ch = 0; ch < 2; ++ch)
    for (Frames n = 0; n < frames; ++n)
      signal.channel(ch)[n] = static_cast<float>(signal.channel(ch)[n] * scale);
  for (std::size_t i = 0; i < c.bursts_s.size(); ++i) {
    const auto at = static_cast<Frames>(c.bursts_s[i] * c.rate_hz);
    for (Frames n = at; n < std::min(at + 40, frames); ++n)
      signal.channel(i % 2)[n] = n % 3 == 0 ? 0.9F : -0.8F;
  }
  return signal;
}

Buffer scaled(const Buffer& signal, double gain) {
  Buffer out(signal.channels(), signal.frames());
  for (int c = 0; c < signal.channels(); ++c)
    for (Frames n = 0; n < signal.frames(); ++n)
      out.channel(c)[n] = static_cast<float>(signal.channel(c)[n] * gain);
  return out;
}

MeterReadings readings(ConstBlockView signal, double rate_hz) {
  Meter meter(rate_hz, kWeights);
  meter.process(signal);
  return meter.readings();
}

class LimitedSpans : public ::testing::TestWithParam<Case> {
 protected:
  const double gain_ = db_to_linear(kGainDb);
  LimiterDesign limiter_ = design(limiter_spec(GetParam()), GetParam().rate_hz);
  Buffer signal_ = programme(GetParam(), limiter_);
  MeterReadings plain_ = readings(signal_.view(), GetParam().rate_hz);
  std::unique_ptr<Backend> backend_ = open_cpu_backend();
};

TEST_P(LimitedSpans, GiveTheBitsOfALimiterThatRunsThroughout) {
  const std::vector<FrameSpan> spans = limited_spans(plain_, gain_, limiter_);
  ASSERT_EQ(spans.size(), GetParam().spans);
  Buffer whole = scaled(signal_, gain_);
  const LimiterReport report = limit(limiter_, whole.view(), whole.view());
  Buffer in = scaled(signal_, gain_);
  Frames done = 0;
  const double reduction_db = run_master_spans(
      *backend_, 2, signal_.frames(), limiter_, spans,
      [&](Frames first, BlockView view) {
        for (int c = 0; c < 2; ++c)
          for (Frames n = 0; n < view.frames; ++n)
            view.channel(c)[n] = first + n < in.frames() ? in.channel(c)[first + n] : 0.0F;
      },
      [&](TileView tile) {
        Buffer host;
        const ConstBlockView got = backend_->fetch(tile, host);
        for (int c = 0; c < 2; ++c)
          for (Frames n = 0; n < got.frames; ++n)
            ASSERT_EQ(got.channel(c)[n], whole.channel(c)[done + n]) << done + n;
        done += got.frames;
      });
  EXPECT_EQ(done, signal_.frames());
  EXPECT_EQ(reduction_db, report.max_reduction_db);
}

/// What differs is the rounding of every product to float, which gain² does not have: at random, at
/// most 2⁻²⁴ of a sample, so 2 · 2⁻²⁴/√3 of its energy. Over a window that is this share of its energy,
/// five times the standard deviation for noise (Σx⁴/(Σx²)² = 1.8/N where it is uniform).
double rounding_share(double window_s, double rate_hz) {
  return 5 * 2 * 0x1p-24 / std::sqrt(3.0) * std::sqrt(1.8 / (2 * window_s * rate_hz));
}

TEST_P(LimitedSpans, GiveTheLoudnessOfTheWholeLimitedSignal) {
  const Case& c = GetParam();
  Delivery delivery;
  delivery.write.sample_rate_hz = c.rate_hz;
  delivery.limiter = limiter_spec(c);
  LongBuffer kept(2, std::uint64_t{1} << 30, {});
  kept.append(signal_.view());
  const MasterContext context{*backend_, kWeights, {std::uint64_t{1} << 30, {}}, {}, {}};
  MasterSignal master(context, delivery, kept);
  const MeterReadings found = master.limited(kGainDb);
  Buffer whole = scaled(signal_, gain_);
  limit(limiter_, whole.view(), whole.view());
  const MeterReadings truth = readings(whole.view(), c.rate_hz);
  const std::vector<double> heard = gating_block_powers(found), true_powers = gating_block_powers(truth);
  ASSERT_EQ(heard.size(), true_powers.size());
  for (std::size_t i = 0; i < heard.size(); ++i)
    EXPECT_NEAR(heard[i] / true_powers[i], 1, rounding_share(0.4, c.rate_hz)) << "block " << i;
  const MeterReadings* const one[] = {&found};
  const MeterReadings* const other[] = {&truth};
  for (const LoudnessMode mode : {LoudnessMode::integrated, LoudnessMode::short_term})
    EXPECT_NEAR(*programme_loudness_lufs(one, mode, AlbumLoudness::pooled),
                *programme_loudness_lufs(other, mode, AlbumLoudness::pooled),
                10 / std::log(10.0) * rounding_share(3, c.rate_hz));
}

INSTANTIATE_TEST_SUITE_P(
    Programmes, LimitedSpans,
    ::testing::Values(Case{48000, 14, 60, 1, {4, 4.2, 9.71}, 2}, Case{44100, 14, 1, 0.5, {0.01, 6, 13.9}, 3},
                      Case{48000, 14, 60, 0, {5.05}, 1}, Case{22050, 9, 20, 1, {3, 6.25}, 2},
                      Case{11025, 17, 60, 0.7, {4.5, 12}, 2}, Case{8000, 9, 2000, 1, {3, 6}, 1},
                      Case{48000, 5, 60, 1, {}, 0}));

// Behind the fade r the interpolated signal is r · y plus Σ h[k] (r[n+k] − r[n]) x[n+k], with |x| and
// |y| at most 1: nowhere more than kNearCeiling above 1, else a faded start could wake the limiter.
TEST(LimitedSpansFade, AddsLessBetweenSamplesThanCountsAsNearTheCeiling) {
  const auto r = [](Frames n) {
    return fade_gain(FadeShape::s_curve, static_cast<double>(n) / kLimiterFadeFrames);
  };
  double highest = 0;
  for (Frames n = 0; n <= kLimiterFadeFrames; ++n)
    for (int phase = 0; phase < kTruePeakPhases; ++phase) {
      double sum = r(n);
      for (int k = 0; k < kTruePeakTaps; ++k)
        sum += std::abs(true_peak_tap(k, phase) * (r(n + k - kTruePeakReach + 1) - r(n)));
      highest = std::max(highest, sum);
    }
  EXPECT_LT(highest, 1 + 0.5 * kNearCeiling);
}

}  // namespace
}  // namespace tutti::test
