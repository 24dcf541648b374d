// SPDX-License-Identifier: Apache-2.0
// The compressor on every machine: its curve, its times, the slow reference, and who agrees with
// whom.
#include "tests/reference/compressor.hpp"

#include <array>

#include "host/dsp/level_log2.hpp"
#include "tests/support/bounds.hpp"
#include "tests/support/lane_render.hpp"
#include "tests/support/lane_runner.hpp"
#include "tests/support/residual.hpp"

namespace tutti::test {
namespace {

constexpr double kRateHz = 48000;

CompressorSpec instant() {
  CompressorSpec spec;
  spec.attack_ms = spec.release_ms = 0;
  return spec;
}

class CompressorOnEveryMachine : public ::testing::TestWithParam<Machine> {
 protected:
  std::vector<float> compress(const CompressorSpec& spec, const std::vector<float>& input) const {
    return render_lanes(GetParam(),
                        {program_of(compressor_op(design(spec, kRateHz)), 1, 1), {input}})[0];
  }
};

TEST_P(CompressorOnEveryMachine, HoldsItsStaticCurveWithinAHundredthOfADecibel) {
  constexpr int kStrips = 16;  // as many as the smallest group holds: one level to a strip
  for (const double ratio : {1.0, 1.5, 4.0, static_cast<double>(INFINITY)}) {
    for (const double knee_db : {0.0, 6.0, 24.0}) {
      CompressorSpec spec = instant();
      spec.threshold_db = -20;
      spec.ratio = ratio;
      spec.knee_db = knee_db;
      LaneStream stream{program_of(compressor_op(design(spec, kRateHz), kStrips), kStrips, 1), {}};
      std::array<double, kStrips> levels_db{};
      for (int strip = 0; strip < kStrips; ++strip) {
        levels_db[strip] = -80 + 5.9 * strip + ratio;
        if (std::isinf(ratio)) levels_db[strip] = -78 + 5.7 * strip;
        stream.inputs.emplace_back(3, static_cast<float>(db_to_linear(levels_db[strip])));
      }
      const Samples output = render_lanes(GetParam(), stream);
      for (int strip = 0; strip < kStrips; ++strip) {
        const double expected_db =
            -reference::knee_db(levels_db[strip] + 20, knee_db, 1 - 1 / ratio);
        EXPECT_NEAR(linear_to_db(output[strip][2] / stream.inputs[strip][2]), expected_db, 0.01);
      }
    }
  }
}

/// A level that jumps from `before_db` to `after_db` at frame `jump`.
std::vector<float> step(double before_db, double after_db, Frames jump, Frames frames) {
  std::vector<float> x(frames, static_cast<float>(db_to_linear(before_db)));
  std::fill(x.begin() + jump, x.end(), static_cast<float>(db_to_linear(after_db)));
  return x;
}

/// First frame from `jump` on where the gain has covered 63.2 % of its way in dB, as a time.
double time_constant_ms(const std::vector<float>& x, const std::vector<float>& y, Frames jump,
                        double start_db, double end_db) {
  const double aim = start_db + (end_db - start_db) * (1 - std::exp(-1.0));
  for (std::size_t n = jump; n < x.size(); ++n) {
    if ((linear_to_db(y[n] / x[n]) - aim) * (end_db - start_db) >= 0)
      return static_cast<double>(static_cast<Frames>(n) - jump + 1) * 1000 / kRateHz;
  }
  return INFINITY;
}

TEST_P(CompressorOnEveryMachine, AttackAndReleaseCoverSixtyThreePercentInTheirTimes) {
  const double reduced_db = -30 * (1 - 1.0 / 3);
  for (const Ballistics ballistics : {Ballistics::decoupled, Ballistics::branching}) {
    CompressorSpec spec;
    spec.ballistics = ballistics;
    spec.threshold_db = -30;
    spec.ratio = 3;
    spec.knee_db = 0;
    for (const double attack_ms : {1.0, 10.0, 80.0}) {
      spec.attack_ms = attack_ms;
      spec.release_ms = 500;
      const auto x = step(-60, 0, 1000, 10000);
      EXPECT_NEAR(time_constant_ms(x, compress(spec, x), 1000, 0, reduced_db), attack_ms,
                  0.01 * attack_ms + 1000 / kRateHz);
    }
    for (const double release_ms : {5.0, 50.0, 300.0}) {
      spec.attack_ms = 0;  // the decoupled attack would add to the release
      spec.release_ms = release_ms;
      const auto x = step(0, -60, 1000, 24000);
      EXPECT_NEAR(time_constant_ms(x, compress(spec, x), 1000, reduced_db, 0), release_ms,
                  0.01 * release_ms + 1000 / kRateHz);
    }
  }
}

TEST_P(CompressorOnEveryMachine, TheRmsDetectorReadsASineThreeDecibelsBelowItsPeak) {
  CompressorSpec spec = instant();
  spec.detector = Detector::rms;
  spec.rms_window_ms = 100;
  spec.threshold_db = -40;
  spec.ratio = INFINITY;
  spec.knee_db = 0;
  std::vector<float> x(48000);
  for (std::size_t n = 0; n < x.size(); ++n)
    x[n] = static_cast<float>(std::sin(2 * kPi * 1000.0 * static_cast<double>(n) / kRateHz));
  const auto y = compress(spec, x);
  double sum = 0;
  for (std::size_t n = 43200; n < x.size(); ++n) sum += static_cast<double>(y[n]) * y[n];
  EXPECT_NEAR(power_to_db(sum / 4800), -40, 0.03);
}

TEST_P(CompressorOnEveryMachine, AnImpulseLeavesAfterTheLookAhead) {
  CompressorSpec spec;
  spec.threshold_db = 20;
  // Shorter than a chunk, a chunk of 4,096 but one, a chunk, more than two.
  for (const Frames delay : {1, 100, 4095, 4096, 9000}) {
    spec.lookahead_ms = static_cast<double>(delay) * 1000 / kRateHz;
    std::vector<float> x(20000), expected(20000);
    for (const Frames n : {0, 5, 4095, 4096, 8191, 10000}) x[n] = 0.5f;
    std::copy(x.begin(), x.end() - delay, expected.begin() + delay);
    EXPECT_RESIDUAL_BELOW(compress(spec, x), expected, bounds::kSumDbfs) << delay;
  }
}

TEST_P(CompressorOnEveryMachine, TheLookAheadLetsTheGainArriveFirst) {
  CompressorSpec spec;
  spec.threshold_db = -20;
  spec.ratio = INFINITY;
  spec.knee_db = 0;
  spec.attack_ms = 1;
  spec.release_ms = 1000;
  spec.lookahead_ms = 10;
  const auto y = compress(spec, step(-80, 0, 1000, 4000));
  EXPECT_NEAR(linear_to_db(y[1000 + 480]), -20, 0.02);
}

TEST_P(CompressorOnEveryMachine, SilenceStaysSilence) {
  CompressorSpec spec;
  spec.makeup_db = 20;
  spec.lookahead_ms = 3;
  const std::vector<float> silence(10000);
  EXPECT_EQ(compress(spec, silence), silence);
}

TEST_P(CompressorOnEveryMachine, AStepOfMakeupGlidesOverSixtyFourFrames) {
  CompressorSpec spec;
  spec.threshold_db = 20;
  LaneStream stream{program_of(compressor_op(design(spec, kRateHz), 2), 2, 1),
                    Samples(2, std::vector<float>(9000, 0.25f))};
  for (const auto& [frame, makeup_db] : {std::pair{0, 3.0}, {64, 6.0}, {128, 0.0}, {8192, 6.0}}) {
    spec.makeup_db = makeup_db;
    stream.changes.push_back({frame, 0, 1, design(spec, kRateHz)});
  }
  const Samples output = render_lanes(GetParam(), stream, 4096);
  const auto expected = [](int n) {
    const double three = db_to_linear(3), six = db_to_linear(6);
    const auto line = [n](double from, double to, int start) {
      return from + (to - from) * std::min(n - start + 1, 64) / 64;
    };
    if (n < 64) return three;  // set before the first frame: at once
    if (n < 128) return line(three, six, 64);
    return n < 8192 ? line(six, 1, 128) : line(1, six, 8192);
  };
  for (int n = 0; n < 9000; ++n) {
    ASSERT_NEAR(output[0][n], 0.25, 1e-7);
    ASSERT_NEAR(output[1][n], 0.25 * expected(n), 1e-7) << n;
  }
}

struct Case {
  const char* name;
  int channels = 1;
  CompressorSpec spec = {};
  bool key = false;
  double mix = 1;
};

CompressorSpec with(const std::function<void(CompressorSpec&)>& change) {
  CompressorSpec spec;
  spec.threshold_db = -28;
  spec.ratio = 4;
  change(spec);
  return spec;
}

std::vector<Case> cases() {
  return {Case{"Mono", 1, with([](auto&) {})},
          Case{"StereoLinked", 2, with([](auto& s) { s.link = 1; })},
          Case{"StereoUnlinked", 2, with([](auto& s) { s.link = 0; })},
          Case{"StereoHalfLinked", 2, with([](auto& s) { s.link = 0.5; })},
          Case{"ElevenChannels", 11, with([](auto& s) { s.link = 0.8; })},
          Case{"Instant", 1, with([](auto& s) { s.attack_ms = s.release_ms = 0; })},
          Case{"LongRelease", 1, with([](auto& s) { s.release_ms = 20000; })},
          Case{"Branching", 2, with([](auto& s) { s.ballistics = Ballistics::branching; })},
          Case{"Rms", 2, with([](auto& s) { s.detector = Detector::rms; })},
          Case{"RmsHalfLinkedBranching", 2, with([](auto& s) {
                 s.detector = Detector::rms;
                 s.ballistics = Ballistics::branching;
                 s.link = 0.5;
               })},
          Case{"HardKneeLimiter", 1, with([](auto& s) {
                 s.ratio = INFINITY;
                 s.knee_db = 0;
               })},
          Case{"LookAhead", 2, with([](auto& s) { s.lookahead_ms = 5; })},
          Case{"LongLookAhead", 1, with([](auto& s) { s.lookahead_ms = 200; })},
          Case{"Key", 2, with([](auto&) {}), true},
          Case{"KeyFilter", 2, with([](auto& s) {
                 s.sidechain = SidechainSpec{"", 150};
                 s.link = 0;
               })},
          Case{"FilteredKeyRms", 2, with([](auto& s) {
                 s.sidechain = SidechainSpec{"Kick", 3000};
                 s.detector = Detector::rms;
               }),
               true},
          Case{"ParallelLookAhead", 1, with([](auto& s) {
                 s.lookahead_ms = 2;
                 s.makeup_db = 6;
               }),
               false, 0.4}};
}

LaneStream stream_of(const Case& c) {
  constexpr Frames kFrames = 50000;  // five bursts of the programme, twelve chunks and a part
  LaneOp op = compressor_op(design(c.spec, kRateHz), 1, c.mix);
  op.external_key = c.key;
  return {program_of(op, 1, c.channels), programme(c.channels, kFrames, 1),
          c.key ? programme(c.channels, kFrames, 7) : Samples{}};
}

TEST_P(CompressorOnEveryMachine, MatchesTheDoubleReferenceAndTheCpu) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const LaneStream stream = stream_of(c);
    const auto output = render_lanes(GetParam(), stream);
    const auto truth = reference::compress(c.spec, kRateHz, to_double(stream.inputs),
                                           to_double(stream.keys), c.mix);
    const auto cpu = GetParam() == Machine::cpu ? output : render_lanes(Machine::cpu, stream);
    for (int channel = 0; channel < c.channels; ++channel) {
      EXPECT_RESIDUAL_BELOW(output[channel], truth[channel], bounds::kSessionDbfs);
      EXPECT_RESIDUAL_BELOW(output[channel], cpu[channel], bounds::kSessionDbfs);
    }
  }
}

TUTTI_ON_EVERY_MACHINE(CompressorOnEveryMachine);

/// Three strips of two channels, two of which move in all that may move.
LaneStream moving_stream(Frames frames, Ballistics ballistics) {
  CompressorSpec spec;
  spec.ballistics = ballistics;
  spec.link = 0.6;
  spec.lookahead_ms = 2.5;
  spec.makeup_db = 3;
  spec.sidechain = SidechainSpec{"", 90};
  LaneStream stream{program_of(compressor_op(design(spec, kRateHz), 3, 0.8), 3, 2),
                    programme(6, frames, 3)};
  for (Frames frame = 0; frame < frames; frame += 64) {
    const double t = static_cast<double>(frame) / kRateHz;
    CompressorSpec moved = spec;
    moved.threshold_db = -30 + 12 * std::sin(9 * t);
    moved.ratio = 3 + 2 * std::cos(5 * t);
    moved.knee_db = 6 + 6 * std::cos(7 * t);
    moved.attack_ms = 10 + 9 * std::sin(4 * t);
    moved.release_ms = 90 + 80 * std::sin(3 * t);
    moved.makeup_db = 6 * std::sin(11 * t);
    moved.link = 0.5 + 0.5 * std::sin(6 * t);
    stream.changes.push_back({frame, 0, 0, design(moved, kRateHz)});
    if (frame % 1024 == 512) {
      stream.changes.push_back({frame, 0, 2, design(moved, kRateHz)});
      moved.threshold_db -= 3;  // a second change at the same frame: the later holds
      stream.changes.push_back({frame, 0, 2, design(moved, kRateHz)});
    }
  }
  return stream;
}

TEST(CompressorOnCuda, MovesAsTheCpuDoes) {
  for (const Ballistics ballistics : {Ballistics::decoupled, Ballistics::branching}) {
    const LaneStream stream = moving_stream(30000, ballistics);
    const auto cuda = render_lanes(Machine::cuda, stream), cpu = render_lanes(Machine::cpu, stream);
    for (std::size_t lane = 0; lane < cuda.size(); ++lane)
      EXPECT_RESIDUAL_BELOW(cuda[lane], cpu[lane], bounds::kSessionDbfs);
  }
}

TEST(CompressorOnCuda, HasTheSameBitsInTilesOfAnyLength) {
  for (const Ballistics ballistics : {Ballistics::decoupled, Ballistics::branching}) {
    const LaneStream stream = moving_stream(30000, ballistics);
    const auto whole = render_lanes(Machine::cuda, stream, 65536);
    for (const Frames tile : {4096, 8192})
      EXPECT_EQ(render_lanes(Machine::cuda, stream, tile), whole) << tile;
  }
}

}  // namespace
}  // namespace tutti::test
