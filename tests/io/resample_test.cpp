// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>

#include "host/io/stream_resampler.hpp"
#include "tests/io/test_files.hpp"

namespace tutti::test {
namespace {

/// A reader of a formula.
class FormulaReader final : public AudioReader {
 public:
  using Formula = std::function<float(int channel, Frames frame)>;
  FormulaReader(int channels, double rate_hz, Frames frames, Formula formula)
      : formula_(std::move(formula)) {
    info_.channels = channels;
    info_.sample_rate_hz = rate_hz;
    info_.frames = frames;
  }
  const AudioInfo& info() const override { return info_; }
  void read(Frames first, BlockView out) override {
    for (int c = 0; c < out.channels; ++c) {
      for (Frames n = 0; n < out.frames; ++n) {
        const Frames at = first + n;
        out.channel(c)[n] = at >= 0 && at < info_.frames ? formula_(c, at) : 0.0f;
      }
    }
  }

 private:
  AudioInfo info_;
  Formula formula_;
};

std::unique_ptr<AudioReader> formula(int channels, double rate_hz, Frames frames,
                                     FormulaReader::Formula function) {
  return std::make_unique<FormulaReader>(channels, rate_hz, frames, std::move(function));
}

std::unique_ptr<AudioReader> sine(double rate_hz, Frames frames, double frequency_hz) {
  return formula(1, rate_hz, frames, [=](int, Frames n) {
    return static_cast<float>(0.5 *
                              std::sin(2 * kPi * frequency_hz * static_cast<double>(n) / rate_hz));
  });
}

/// White noise at half of full scale.
float noise(int channel, Frames frame) {
  return std::ldexp(static_cast<float>(pattern(24, channel, frame)), -24);
}

struct Rates {
  double from_hz;
  double to_hz;
};

class ResampleTest : public testing::TestWithParam<Rates> {};

// A sine must come out as the same sine on the new grid: level, phase and frame 0. 0.5 in float has
// a step of 2^-25; each end rounds once, so the noise of both is near -157 dBFS and the signal at
// -9 dBFS RMS: 130 dB leaves the filter 18 dB of room.
TEST_P(ResampleTest, KeepsASineTo130Db) {
  const auto [from_hz, to_hz] = GetParam();
  for (const double share : {0.02, 0.3, 0.85}) {
    const double frequency_hz = share * std::min(from_hz, to_hz) / 2;
    const auto frames = static_cast<Frames>(from_hz * 1.5);
    const auto reader = resample(sine(from_hz, frames, frequency_hz), to_hz);
    const Buffer out = read_all(*reader);
    double signal = 0;
    double error = 0;
    const Frames edge = out.frames() / 5;  // the sine starts and stops: that rings
    for (Frames n = edge; n < out.frames() - edge; ++n) {
      const double truth = 0.5 * std::sin(2 * kPi * frequency_hz * static_cast<double>(n) / to_hz);
      signal += truth * truth;
      error += (out.channel(0)[n] - truth) * (out.channel(0)[n] - truth);
    }
    EXPECT_GE(power_to_db(signal / error), 130) << frequency_hz << " Hz";
  }
}

TEST_P(ResampleTest, HasTheExactLength) {
  const auto [from_hz, to_hz] = GetParam();
  for (const Frames frames : {0, 1, 2, 3, 146, 147, 148, 4095, 4096, 4097, 100003}) {
    const auto exact =
        static_cast<Frames>(std::llround(static_cast<double>(frames) * to_hz / from_hz));
    EXPECT_EQ(resample(sine(from_hz, frames, 100), to_hz)->info().frames, exact);
    StreamResampler stream(1, from_hz, to_hz);
    const Buffer silence(1, frames);
    const Frames during = stream.process(silence.view()).frames;
    EXPECT_EQ(during + stream.finish().frames, exact) << frames;
  }
}

TEST_P(ResampleTest, KeepsAnImpulseInItsPlace) {
  const auto [from_hz, to_hz] = GetParam();
  const Frames frames = 30000;
  const Frames at = 12345;
  const auto reader = resample(
      formula(1, from_hz, frames, [=](int, Frames n) { return n == at ? 1.0f : 0.0f; }), to_hz);
  const Buffer out = read_all(*reader);
  // The centre of the squared response of a linear-phase filter is its delay.
  double weight = 0;
  double moment = 0;
  for (Frames n = 0; n < out.frames(); ++n) {
    const double square = std::pow(static_cast<double>(out.channel(0)[n]), 2);
    weight += square;
    moment += square * static_cast<double>(n);
  }
  EXPECT_NEAR(moment / weight, static_cast<double>(at) * to_hz / from_hz, 1e-3);
}

TEST_P(ResampleTest, DoesNotDependOnHowTheStreamIsCut) {
  const auto [from_hz, to_hz] = GetParam();
  const Frames frames = 50000;
  Buffer in(2, frames);
  for (int c = 0; c < 2; ++c) {
    for (Frames n = 0; n < frames; ++n) in.channel(c)[n] = noise(c, n);
  }
  const auto run = [&](auto next_size) {
    StreamResampler stream(2, from_hz, to_hz);
    std::vector<float> out;
    const auto take = [&](ConstBlockView block) {
      for (Frames n = 0; n < block.frames; ++n) {
        for (int c = 0; c < 2; ++c) out.push_back(block.channel(c)[n]);
      }
    };
    for (Frames n = 0; n < frames;) {
      const Frames count = std::min<Frames>(next_size(), frames - n);
      take(stream.process(in.view().slice(n, count)));
      n += count;
    }
    take(stream.finish());
    return out;
  };
  std::mt19937 random(1);
  const auto whole = run([&] { return frames; });
  EXPECT_EQ(whole, run([&] { return Frames{1} + static_cast<Frames>(random() % 9000); }));
  EXPECT_EQ(whole, run([&] { return Frames{37}; }));
}

// Over three segments of the reader, with jumps in both directions.
TEST_P(ResampleTest, DoesNotDependOnHowTheReaderIsRead) {
  const auto [from_hz, to_hz] = GetParam();
  const auto open = [&, from = from_hz, to = to_hz] {
    // 48-fold oversampling of as much would be half a gigabyte.
    return resample(formula(1, from, to > 4 * from ? 50000 : 2300000,
                            [](int c, Frames n) { return noise(c, n); }),
                    to);
  };
  const auto reader = open();
  const Buffer whole = read_all(*reader);
  const auto other = open();
  Buffer piece(1, 3001);
  const double ratio = to_hz / from_hz;
  std::vector<Frames> starts = {whole.frames() - 3001, whole.frames() / 2, 0, 10};
  for (const double boundary : {1048576.0, 1055978.0, 2097152.0}) {  // near the reader's segments
    const auto start = static_cast<Frames>(boundary * ratio) - 1500;
    if (start + 3001 <= whole.frames()) starts.push_back(start);
  }
  for (const Frames first : starts) {
    other->read(first, piece.view());
    for (Frames n = 0; n < piece.frames(); ++n) {
      ASSERT_EQ(piece.channel(0)[n], whole.channel(0)[first + n]) << first + n;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rates, ResampleTest,
                         testing::Values(Rates{44100, 48000}, Rates{48000, 44100},
                                         Rates{48000, 96000}, Rates{192000, 44100},
                                         Rates{47999, 48000}, Rates{8000, 384000},
                                         Rates{48000, 47952.5}),
                         [](const auto& rates) {
                           return std::to_string(static_cast<int>(rates.param.from_hz)) + "To" +
                                  std::to_string(static_cast<int>(rates.param.to_hz));
                         });

// Where two segments of the reader meet there must be no click: each is computed by a resampler of
// its own. The neighbourhood of the seams must be as good as the rest.
TEST(ResampledReader, JoinsItsSegmentsWithoutASeam) {
  const Frames frames = 2200000;
  const auto reader = resample(sine(44100, frames, 997), 48000);
  const Buffer out = read_all(*reader);
  double worst = 0;
  for (Frames n = 100000; n < out.frames() - 100000; ++n) {
    const double truth = 0.5 * std::sin(2 * kPi * 997 * static_cast<double>(n) / 48000);
    worst = std::max(worst, std::abs(out.channel(0)[n] - truth));
  }
  // Half a step of a float below 0.5 on input and output, and the filter's ripple.
  EXPECT_LE(linear_to_db(worst), -140);
}

TEST(ResampledReader, IsTheSourceItselfAtItsOwnRate) {
  auto source = sine(48000, 100, 1000);
  const AudioReader* before = source.get();
  EXPECT_EQ(resample(std::move(source), 48000).get(), before);
}

std::int64_t resident_bytes() {
  std::int64_t pages = 0;
  std::ifstream file("/proc/self/statm");
  file >> pages >> pages;
  return pages * 4096;
}

// A polyphase table of 47999 phases by some hundred taps would be 100 MB.
TEST(StreamResampler, NeedsLittleMemoryForRatesWithoutACommonDivisor) {
  const std::int64_t before = resident_bytes();
  StreamResampler stream(1, 47999, 48000);
  const Buffer silence(1, 100000);
  stream.process(silence.view());
  EXPECT_LT(resident_bytes() - before, 16 << 20);
}

TEST(StreamResampler, RefusesRatesThatCanNotBeMeant) {
  EXPECT_THROW(StreamResampler(1, 0, 48000), std::invalid_argument);
  EXPECT_THROW(StreamResampler(1, 48000, 2e6), std::invalid_argument);
  EXPECT_THROW(StreamResampler(0, 48000, 44100), std::invalid_argument);
  EXPECT_THROW(StreamResampler(1, NAN, 48000), std::invalid_argument);
}

}  // namespace
}  // namespace tutti::test
