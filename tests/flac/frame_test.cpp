// SPDX-License-Identifier: Apache-2.0
// Whatever is encoded, libFLAC decodes: every sample, every checksum.
#include "host/flac/frame.hpp"

#include <gmock/gmock.h>
#include <hwy/targets.h>

#include "tests/flac/signals.hpp"

namespace tutti::test {
namespace {

using flac::StreamFormat;

void expect_round_trip(const StreamFormat& format, const Signal& signal) {
  const Decoded decoded = decode_stream(encode_stream(format, signal));
  EXPECT_EQ(decoded.error, "");
  EXPECT_TRUE(decoded.samples == signal);
}

class FlacFrame : public testing::TestWithParam<int> {};

TEST_P(FlacFrame, DecodesToTheSamplesItWasMadeOf) {
  const int bits = GetParam();
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    expect_round_trip({2, bits, 48000}, make_signal(kind, 2, bits, 3 * flac::kBlockFrames + 1000));
  }
}

// 1 to 4: shorter than the fixed predictors; 63 to 65: where linear prediction begins; 256: the
// first length with a code of its own; 4095 to 4097: around a block.
TEST_P(FlacFrame, EndsAfterAnyNumberOfFrames) {
  const int bits = GetParam();
  for (const std::size_t frames :
       {1,  2,  3,  4,   5,   7,   8,   9,   15,  16,   17,   31,   32,  33,
        63, 64, 65, 192, 255, 256, 257, 511, 512, 1000, 4095, 4096, 4097}) {
    SCOPED_TRACE(frames);
    for (const Kind& kind : kinds()) {
      SCOPED_TRACE(kind.name);
      expect_round_trip({2, bits, 44100}, make_signal(kind, 2, bits, frames));
    }
  }
}

TEST_P(FlacFrame, HasOneToEightChannels) {
  const int bits = GetParam();
  for (int channels = 1; channels <= 8; ++channels) {
    SCOPED_TRACE(channels);
    for (const Kind& kind : kinds()) {
      SCOPED_TRACE(kind.name);
      expect_round_trip({channels, bits, 96000}, make_signal(kind, channels, bits, 5000));
    }
  }
}

// Levels, lengths and kinds that change inside a block; the seed is the test's own.
TEST_P(FlacFrame, KeepsRandomPatchworks) {
  const int bits = GetParam();
  std::mt19937_64 random(20);
  for (int round = 0; round < 150; ++round) {
    SCOPED_TRACE(round);
    Signal signal(2);
    for (int c = 0; c < 2; ++c) {
      auto& samples = signal[static_cast<std::size_t>(c)];
      const std::size_t frames = 1 + round * 61 % 9000;
      while (samples.size() < frames) {
        const Kind& kind = kinds()[random() % kinds().size()];
        const int used_bits = 2 + static_cast<int>(random() % static_cast<unsigned>(bits - 1));
        const std::size_t length =
            std::min<std::size_t>(1 + random() % 3000, frames - samples.size());
        for (std::size_t n = 0; n < length; ++n)
          samples.push_back(kind.sample(used_bits, c, n, random));
      }
    }
    expect_round_trip({2, bits, 48000}, signal);
  }
}

TEST_P(FlacFrame, HasTheSameBytesOnEveryWidthOfVectors) {
  const int bits = GetParam();
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    const Signal signal = make_signal(kind, 2, bits, 4096 + 777);
    const auto bytes = encode_stream({2, bits, 48000}, signal);
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
      hwy::SetSupportedTargetsForTest(target);
      EXPECT_TRUE(encode_stream({2, bits, 48000}, signal) == bytes) << hwy::TargetName(target);
      hwy::SetSupportedTargetsForTest(0);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Bits, FlacFrame, testing::Values(8, 16, 24, 32),
                         [](const auto& bits) { return std::to_string(bits.param); });

TEST(FlacFrameHeader, SaysRateLengthAndNumber) {
  const Signal signal = make_signal(kinds()[3], 1, 16, 100);
  // With a code; in kHz, Hz and tens of Hz behind it; only in the stream's header.
  for (const std::int64_t rate_hz :
       {8000,   16000, 22050,  24000,  32000, 44100, 48000, 88200,  96000,  176400,
        192000, 12000, 255000, 256000, 11025, 65535, 65536, 352800, 384000, 383999}) {
    SCOPED_TRACE(rate_hz);
    for (const std::uint64_t number :
         {0ull, 1ull, 0x7full, 0x80ull, 0x7ffull, 0x800ull, 0xffffull, 0x10000ull, 0x1fffffull,
          0x200000ull, 0x3ffffffull, 0x4000000ull, 0x7fffffffull}) {
      SCOPED_TRACE(number);
      const Decoded decoded = decode_stream(encode_stream({1, 16, rate_hz}, signal, number));
      ASSERT_EQ(decoded.error, "");
      ASSERT_EQ(decoded.headers.size(), 1u);
      EXPECT_EQ(decoded.headers[0].sample_rate, rate_hz);
      EXPECT_EQ(decoded.headers[0].blocksize, 100u);
      // libFLAC says at which sample the frame begins.
      EXPECT_EQ(decoded.headers[0].number.sample_number, number * flac::kBlockFrames);
      EXPECT_TRUE(decoded.samples == signal);
    }
  }
}

// FFmpeg loses shorter ones, and with them the silence that they hold.
TEST(FlacFrame, TakesElevenBytesAtLeast) {
  for (const int bits : {8, 16}) {
    for (const int frames : {1, 256, flac::kBlockFrames}) {
      const std::vector<std::int32_t> silence(static_cast<std::size_t>(frames));
      EXPECT_GE(flac::FrameEncoder({1, bits, 8000}).encode(block_of(silence, 1), 0).size(), 11u);
      expect_round_trip({1, bits, 8000}, {silence});
    }
  }
}

TEST(FlacFrame, OneDamagedBitIsFound) {
  const Signal signal = make_signal(kinds().back(), 2, 16, 4096);
  const auto bytes = encode_stream({2, 16, 48000}, signal);
  for (std::size_t at = 42; at < bytes.size(); at += 97) {
    auto damaged = bytes;
    damaged[at] ^= 0x10;
    const Decoded decoded = decode_stream(damaged);
    EXPECT_TRUE(!decoded.error.empty() || decoded.samples != signal) << at;
    EXPECT_FALSE(decoded.error.empty() && decoded.samples.size() == 2 &&
                 decoded.samples[0].size() == 4096 && decoded.samples != signal)
        << "damage at byte " << at << " was decoded as if it were audio";
  }
}

}  // namespace
}  // namespace tutti::test
