// SPDX-License-Identifier: Apache-2.0
// What libFLAC's encoder or ours wrote is decoded to the samples that they were given.
#include "host/flac/frame_decoder.hpp"

#include <gmock/gmock.h>
#include <hwy/targets.h>

#include "tests/flac/decoded_frames.hpp"
#include "tests/flac/library_encoder.hpp"
#include "tests/flac/signals.hpp"

namespace tutti::test {
namespace {

using flac::StreamFormat;

void expect_decoded(const StreamFormat& format, const std::vector<std::uint8_t>& file,
                    const Signal& signal) {
  const DecodedFrames decoded = decode_frames(format, file);
  EXPECT_EQ(decoded.bytes_left, 0u);
  EXPECT_TRUE(decoded.samples == signal);
}

class FlacFrameDecoder : public testing::TestWithParam<int> {};

TEST_P(FlacFrameDecoder, DecodesWhatWeWrite) {
  const int bits = GetParam();
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    for (int channels = 1; channels <= 8; ++channels) {
      SCOPED_TRACE(channels);
      const Signal signal = make_signal(kind, channels, bits, 9 * flac::kBlockFrames + 1000);
      expect_decoded({channels, bits, 48000}, encode_stream({channels, bits, 48000}, signal),
                     signal);
    }
  }
}

TEST_P(FlacFrameDecoder, DecodesEveryLevelOfLibFlac) {
  const int bits = GetParam();
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    const Signal signal = make_signal(kind, 2, bits, 30000);
    for (unsigned level = 0; level <= 8; ++level) {
      SCOPED_TRACE(level);
      expect_decoded({2, bits, 48000}, libflac_encode({2, bits, 48000}, signal, {.level = level}),
                     signal);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Bits, FlacFrameDecoder, testing::Values(8, 16, 24),
                         [](const auto& bits) { return std::to_string(bits.param); });

TEST(FlacFrameDecoder, DecodesOddDepths) {
  for (int bits = 4; bits <= 24; ++bits) {
    SCOPED_TRACE(bits);
    for (const Kind& kind : kinds()) {
      SCOPED_TRACE(kind.name);
      const Signal signal = make_signal(kind, 2, bits, 10000);
      expect_decoded({2, bits, 44100}, libflac_encode({2, bits, 44100}, signal, {.level = 8}),
                     signal);
    }
  }
}

// 16 is the shortest; 17 and 1009 have no divisor for partitions; 65535 is the longest.
TEST(FlacFrameDecoder, DecodesBlocksOfAnyLength) {
  const Signal signal = make_signal(kinds().back(), 2, 16, 140000);
  for (const unsigned block : {16u, 17u, 192u, 255u, 576u, 1009u, 4608u, 32768u, 65535u}) {
    SCOPED_TRACE(block);
    expect_decoded({2, 16, 44100},
                   libflac_encode({2, 16, 44100}, signal, {.level = 8, .block_frames = block}),
                   signal);
  }
}

TEST(FlacFrameDecoder, DecodesPredictorsOfAnyOrderAndPrecision) {
  for (const unsigned order : {1u, 2u, 3u, 4u, 5u, 8u, 9u, 11u, 12u, 13u, 24u, 32u}) {
    SCOPED_TRACE(order);
    for (const unsigned precision : {5u, 10u, 14u, 15u}) {
      SCOPED_TRACE(precision);
      for (const int bits : {16, 24}) {
        const Signal signal = make_signal(kinds().back(), 2, bits, 9000);
        const LibrarySettings settings = {
            .level = 5, .most_order = order, .precision = precision, .exhaustive = true};
        expect_decoded({2, bits, 44100}, libflac_encode({2, bits, 44100}, signal, settings),
                       signal);
      }
    }
  }
}

TEST(FlacFrameDecoder, FindsTheSameOnEveryWidthOfVectors) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    const Signal signal = make_signal(kind, 3, 24, 20000);
    const LibrarySettings settings = {.level = 8, .most_order = 32};
    const auto file = libflac_encode({3, 24, 48000}, signal, settings);
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
      SCOPED_TRACE(hwy::TargetName(target));
      hwy::SetSupportedTargetsForTest(target);
      expect_decoded({3, 24, 48000}, file, signal);
      hwy::SetSupportedTargetsForTest(0);
    }
  }
}

TEST(FlacFrameDecoder, StopsBeforeADamagedFrame) {
  const Signal signal = make_signal(kinds().back(), 2, 16, 3 * 4096);
  const auto file = encode_stream({2, 16, 48000}, signal);
  const std::size_t first = first_frame_byte(file);
  for (std::size_t at = first; at < file.size(); at += 41) {
    auto damaged = file;
    damaged[at] ^= static_cast<std::uint8_t>(1 << at % 8);
    const DecodedFrames decoded = decode_frames({2, 16, 48000}, damaged);
    ASSERT_GE(decoded.bytes_left, file.size() - at) << at;
    for (std::size_t c = 0; c < 2; ++c) {
      ASSERT_EQ(decoded.samples[c].size() % 4096, 0u);
      ASSERT_TRUE(
          std::equal(decoded.samples[c].begin(), decoded.samples[c].end(), signal[c].begin()))
          << at;
    }
  }
}

TEST(FlacFrameDecoder, StopsWhereTheBytesEnd) {
  const Signal signal = make_signal(kinds().back(), 2, 16, 4096);
  const auto file = encode_stream({2, 16, 48000}, signal);
  for (std::size_t size = first_frame_byte(file); size < file.size(); size += 13)
    ASSERT_TRUE(
        decode_frames({2, 16, 48000}, {file.begin(), file.begin() + size}).samples[0].empty())
        << size;
}

TEST(FlacFrameDecoder, LeavesFramesOfAnotherStreamAlone) {
  const Signal signal = make_signal(kinds().back(), 2, 16, 4096);
  const auto file = encode_stream({2, 16, 48000}, signal);
  const auto frames_as = [&](const StreamFormat& format) {
    return decode_frames(format, file).samples[0].size();
  };
  EXPECT_EQ(frames_as({2, 16, 48000}), 4096u);
  EXPECT_EQ(frames_as({2, 16, 44100}), 0u);
  EXPECT_EQ(frames_as({2, 24, 48000}), 0u);
  EXPECT_EQ(frames_as({1, 16, 48000}), 0u);
  const auto numbered = encode_stream({2, 16, 48000}, signal, 1);
  EXPECT_EQ(decode_frames({2, 16, 48000}, numbered).samples[0].size(), 0u);
}

}  // namespace
}  // namespace tutti::test
