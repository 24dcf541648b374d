// SPDX-License-Identifier: Apache-2.0
// Damaged Ogg files: what decoders would skip without a word is an error or a warning here.
#include <gmock/gmock.h>

#include "host/io/encode.hpp"
#include "host/io/ogg_pages.hpp"
#include "tests/io/flac_bytes.hpp"
#include "tests/io/test_files.hpp"

namespace tutti::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Frames kFrames = 96000;

class OggPages : public ::testing::TestWithParam<const char*> {
 protected:
  std::string whole() const {
    const std::string extension = GetParam();
    if (extension == "oga")
      return ogg_flac_file({.frames = kFrames, .known_length = false},
                           [](int channel, Frames n) { return pattern(24, channel, n); });
    WriteSpec spec;
    spec.path = folder_ / ("whole." + extension);
    spec.overwrite = true;
    Buffer audio(2, kFrames);
    for (int c = 0; c < 2; ++c)
      for (Frames n = 0; n < kFrames; ++n)
        audio.channel(c)[n] = std::ldexp(static_cast<float>(pattern(24, c, n)), -24);
    const auto writer = open_writer(spec);
    writer->write(audio.view());
    writer->commit();
    return load(spec.path);
  }

  /// What opening says: "" or the error; warnings go to `heard_`.
  std::string open(const std::string& bytes) {
    heard_.codes.clear();
    try {
      const auto reader = open_audio(folder_.save("x", bytes), heard_.sink());
      frames_ = reader->info().frames;
      read_all(*reader);
      return "";
    } catch (const IoError& error) {
      return error.what();
    }
  }

  /// Of the file opened last: seeking gives what reading on gives.
  void expect_the_same_in_pieces() const {
    const auto reader = open_audio(folder_ / "x");
    const Buffer whole = read_all(*reader);
    Buffer piece(whole.channels(), 1000);
    for (int draw = 0; draw < 24; ++draw) {
      const Frames first = draw == 0 ? whole.frames() - 1000
                                     : (pattern(24, 0, draw) & 0x7fffff) % (whole.frames() - 1000);
      reader->read(first, piece.view());
      double largest = 0;
      for (int c = 0; c < whole.channels(); ++c)
        for (Frames n = 0; n < piece.frames(); ++n)
          largest = std::max<double>(largest,
                                     std::abs(piece.channel(c)[n] - whole.channel(c)[first + n]));
      EXPECT_LT(largest, 1e-3) << first;  // a decoder that starts anew rounds differently
    }
  }

  /// Where the pages start.
  static std::vector<std::size_t> pages(const std::string& bytes) {
    std::vector<std::size_t> starts;
    for (std::size_t at = 0; at < bytes.size();) {
      starts.push_back(at);
      std::size_t size = 27 + static_cast<unsigned char>(bytes[at + 26]);
      for (int i = 0; i < static_cast<unsigned char>(bytes[at + 26]); ++i)
        size += static_cast<unsigned char>(bytes[at + 27 + static_cast<std::size_t>(i)]);
      at += size;
    }
    return starts;
  }

  TemporaryFolder folder_;
  HeardWarnings heard_;
  Frames frames_ = 0;
};

TEST_P(OggPages, AWholeFileIsReadWithoutAWord) {
  EXPECT_EQ(open(whole()), "");
  EXPECT_THAT(heard_.codes, IsEmpty());
  EXPECT_EQ(frames_, kFrames);
  expect_the_same_in_pieces();
}

TEST_P(OggPages, AFlippedBitAnywhereIsAnError) {
  const std::string good = whole();
  for (int part = 1; part < 16; ++part) {
    std::string bytes = good;
    bytes[good.size() * static_cast<std::size_t>(part) / 16] ^= 0x10;
    EXPECT_THAT(open(bytes), HasSubstr("damaged Ogg")) << part;
  }
}

TEST_P(OggPages, AFlippedBitInAPageHeaderIsAnError) {
  const std::string good = whole();
  const std::vector<std::size_t> starts = pages(good);
  ASSERT_GT(starts.size(), 6u);
  // The mark, a flag, the position, the serial number, the number, the checksum, two sizes.
  for (const std::size_t offset : {0, 5, 6, 14, 18, 22, 26, 27}) {
    std::string bytes = good;
    bytes[starts[starts.size() / 2] + offset] ^= 0x01;
    EXPECT_THAT(open(bytes), HasSubstr("damaged Ogg")) << offset;
  }
}

TEST_P(OggPages, AMissingPageIsAnError) {
  const std::string good = whole();
  const std::vector<std::size_t> starts = pages(good);
  const std::size_t middle = starts.size() / 2;
  EXPECT_THAT(open(good.substr(0, starts[middle]) + good.substr(starts[middle + 1])),
              HasSubstr("is missing before byte"));
}

TEST_P(OggPages, AFileThatStopsEarlyIsUsedWithAWarning) {
  const std::string good = whole();
  const std::vector<std::size_t> starts = pages(good);
  for (const std::size_t end : {good.size() / 2, starts[starts.size() / 2], good.size() - 1}) {
    EXPECT_EQ(open(good.substr(0, end)), "") << end;
    EXPECT_THAT(heard_.codes, Contains("truncated")) << end;
    EXPECT_LE(frames_, kFrames);
    EXPECT_GT(frames_, kFrames / 4);
    expect_the_same_in_pieces();
  }
}

TEST_P(OggPages, ATagBehindTheLastPageIsNothing) {
  EXPECT_EQ(open(whole() + "TAG" + std::string(125, ' ')), "");
  EXPECT_THAT(heard_.codes, IsEmpty());
  EXPECT_EQ(frames_, kFrames);
  expect_the_same_in_pieces();
}

INSTANTIATE_TEST_SUITE_P(Codecs, OggPages, testing::Values("ogg", "opus", "oga"),
                         [](const auto& codec) { return std::string(codec.param); });

TEST(OggCrc, IsTheSameInWholeAndInParts) {
  // The definition, bit by bit.
  std::vector<std::uint8_t> bytes;
  for (int n = 0; n < 1000; ++n) bytes.push_back(static_cast<std::uint8_t>(pattern(8, 0, n)));
  std::uint32_t truth = 0;
  for (const std::uint8_t byte : bytes)
    for (int bit = 7; bit >= 0; --bit) {
      const std::uint32_t top = truth >> 31 ^ (byte >> bit & 1u);
      truth = truth << 1 ^ (top != 0 ? 0x04c11db7u : 0);
    }
  EXPECT_EQ(io::ogg_crc(bytes.data(), bytes.size()), truth);
  for (const std::size_t cut : {1, 7, 8, 9, 500})
    EXPECT_EQ(io::ogg_crc(bytes.data() + cut, bytes.size() - cut, io::ogg_crc(bytes.data(), cut)),
              truth);
}

}  // namespace
}  // namespace tutti::test
