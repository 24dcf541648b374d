// SPDX-License-Identifier: Apache-2.0
// Levels of inserts that move, sample by sample, against closed forms on rendered files.
#include <cmath>

#include "host/audio/units.hpp"
#include "tests/engine/session_fixture.hpp"

namespace tutti::test {
namespace {

using Automation = SessionFixture;

// Float files and float signals: −140 dBFS, as for gains and sums everywhere.
constexpr double kGainBound = 1e-7;

std::string session(const std::string& inserts, const std::string& automation) {
  return "tutti: 1\nsample_rate_hz: 48000\nlayout: mono\nstems:\n  - name: a\n    file: a.wav\n"
         "    inserts: " + inserts + "\n    automation: " + automation +
         "\nend: 1\noutputs: [{file: out.wav, source: mix, bit_depth: 32f}]\n";
}

double mix_at(double n) { return std::min(1.0, n / 24000.0); }

TEST_F(Automation, GainInsertStepsAtItsFrameAndFollowsItsCurve) {
  const Signal a = noise(1, 48000, 0.1, 1);
  write("a.wav", a);
  render_text(session("[{gain: {}}]",
                      "[{target: inserts.0.gain_db, interpolation: hold, points: [[0, 0], "
                      "[\"30001 smp\", -20]]}]"), overwriting());
  const Signal out = read("out.wav");
  for (std::size_t n = 0; n < 48000; ++n)
    ASSERT_NEAR(out[0][n], a[0][n] * (n < 30001 ? 1.0 : 0.1), kGainBound) << n;
  render_text(session("[{gain: {}}]",
                      "[{target: inserts.0.gain_db, points: [[0, 0], [1, -100]]}]"), overwriting());
  const Signal ramp = read("out.wav");
  for (std::size_t n = 0; n < 48000; ++n)
    ASSERT_NEAR(ramp[0][n], a[0][n] * std::pow(10.0, -static_cast<double>(n) / 48000 * 5), kGainBound)
        << n;
}

TEST_F(Automation, MixBlendsAProcessorWithItsAlignedInput) {
  const Signal a = noise(1, 48000, 0.1, 2);
  write("a.wav", a);
  // A compressor that never acts but makes up 6.02 dB, with look-ahead: wet = 2 · dry.
  render_text(session(
      "[{compressor: {threshold_db: 0, ratio: 1, lookahead_ms: 5, makeup_db: 6.020599913279624}}]",
      "[{target: inserts.0.mix, points: [[0, 0], [0.5, 1]]}]"), overwriting());
  const Signal out = read("out.wav");
  for (std::size_t n = 0; n < 48000; ++n)
    ASSERT_NEAR(out[0][n], a[0][n] * (1 + mix_at(static_cast<double>(n))), 2 * kGainBound) << n;
}

TEST_F(Automation, WetAndDryOfDelayAndConvolverMoveApart) {
  const Signal a = noise(1, 48000, 0.1, 3);
  write("a.wav", a);
  Signal echo{std::vector<double>(101, 0.0)};
  echo[0][100] = 1;
  write("echo.wav", echo);
  const std::string levels =
      "[{target: inserts.0.wet_db, domain: gain, points: [[0, -.inf], [0.5, 0]]}, "
      "{target: inserts.0.dry_db, interpolation: hold, points: [[0, 0], [\"7777 smp\", -6.020599913279624]]}]";
  for (const char* insert :
       {"[{convolver: {impulse: echo.wav}}]", "[{delay: {time_ms: 2.0833333333333335}}]"}) {
    render_text(session(insert, levels), overwriting());
    const Signal out = read("out.wav");
    for (std::size_t n = 0; n < 48000; ++n) {
      const double wet = n < 100 ? 0 : a[0][n - 100] * mix_at(static_cast<double>(n));
      const double dry = a[0][n] * (n < 7777 ? 1.0 : 0.5);
      // The convolution is done in float: −120 dBFS.
      ASSERT_NEAR(out[0][n], wet + dry, 1e-6) << insert << " " << n;
    }
  }
}

TEST_F(Automation, InputGainOfALimiterIsAGainBeforeIt) {
  write("a.wav", noise(1, 48000, 0.3, 4));
  render_text(session("[{limiter: {ceiling_dbtp: -6}}]",
                      "[{target: inserts.0.input_gain_db, points: [[0, -20], [1, 12]]}]"), overwriting());
  const Signal moved = read("out.wav");
  render_text(session("[{gain: {}}, {limiter: {ceiling_dbtp: -6}}]",
                      "[{target: inserts.0.gain_db, points: [[0, -20], [1, 12]]}]"), overwriting());
  EXPECT_EQ(moved, read("out.wav"));
}

TEST_F(Automation, WidthReachesItsCurveAtEveryStepOfTheGrid) {
  const Signal a = noise(2, 48000, 0.1, 5);
  write("a.wav", a);
  render_text(
      "tutti: 1\nsample_rate_hz: 48000\nstems:\n  - name: a\n    file: a.wav\n"
      "    inserts: [{stereo: {}}]\n    automation: [{target: inserts.0.width, points: [[0, 0], "
      "[1, 2]]}]\nend: 1\noutputs: [{file: out.wav, source: mix, bit_depth: 32f}]\n");
  const Signal out = read("out.wav");
  for (std::size_t n = 64; n < 48000; ++n) {
    const double width = 2.0 * static_cast<double>(n) / 48000;
    const double mid = (a[0][n] + a[1][n]) / 2, side = width * (a[0][n] - a[1][n]) / 2;
    ASSERT_NEAR(out[0][n], mid + side, 1e-6) << n;
    ASSERT_NEAR(out[1][n], mid - side, 1e-6) << n;
  }
}

}  // namespace
}  // namespace tutti::test
