// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cmath>

#include "tests/io/flac_bytes.hpp"
#include "tests/io/test_files.hpp"

namespace tutti::test {
namespace {

using testing::HasSubstr;

std::int32_t sample16(int channel, Frames frame) { return pattern(16, channel, frame); }

constexpr FlacShape kShape = {.channels = 2, .bits = 16, .frames = 50000};

std::string error_of(AudioReader& reader) {
  try {
    read_all(reader);
  } catch (const IoError& error) {
    return error.what();
  }
  return "no error";
}

TEST(FlacReader, IsExactAtEveryDepth) {
  for (const int bits : {8, 16, 24, 32}) {
    const TemporaryFolder folder;
    const auto sample = [bits](int c, Frames n) { return pattern(bits, c, n); };
    HeardWarnings heard;
    const auto reader = open_audio(
        folder.save("a.flac", flac_file({.channels = 3, .bits = bits, .frames = 9000}, sample)),
        heard.sink());
    const Buffer out = read_all(*reader);
    for (int c = 0; c < 3; ++c) {
      for (Frames n = 0; n < 9000; ++n) {
        ASSERT_EQ(out.channel(c)[n],
                  static_cast<float>(std::ldexp(static_cast<double>(sample(c, n)), 1 - bits)));
      }
    }
    EXPECT_THAT(heard.codes, testing::IsEmpty());
  }
}

TEST(FlacReader, CountsTheFramesOfAStreamThatDoesNotSay) {
  const TemporaryFolder folder;
  FlacShape shape = kShape;
  shape.known_length = false;
  const auto reader = open_audio(folder.save("a.flac", flac_file(shape, sample16)));
  EXPECT_EQ(reader->info().frames, 50000);
  EXPECT_EQ(read_all(*reader).channel(1)[49999],
            std::ldexp(static_cast<float>(sample16(1, 49999)), -15));
}

TEST(FlacReader, RefusesAudioThatContradictsItsMd5AtTheEndOfAFullReadAndFromThenOn) {
  const TemporaryFolder folder;
  FlacShape shape = kShape;
  shape.right_md5 = false;
  const auto reader = open_audio(folder.save("a.flac", flac_file(shape, sample16)));
  Buffer out(2, 25000);
  reader->read(0, out.view());
  EXPECT_THROW(reader->read(25000, out.view()), IoError);
  EXPECT_THAT(error_of(*reader), HasSubstr("a.flac: the audio does not match its own MD5"));
  EXPECT_THROW(reader->read(0, out.view()), IoError);
}

TEST(FlacReader, LooksAtNoMd5WhereItIsNotAskedTo) {
  const TemporaryFolder folder;
  FlacShape shape = kShape;
  shape.right_md5 = false;
  const auto reader =
      open_audio(folder.save("a.flac", flac_file(shape, sample16)), {}, {.check_md5 = false});
  EXPECT_EQ(error_of(*reader), "no error");
}

// STREAMINFO of an encoder that does not hash: sixteen zeros, at 4 + 4 + 18.
TEST(FlacReader, TakesAnMd5OfZerosForNone) {
  const TemporaryFolder folder;
  std::string bytes = flac_file(kShape, sample16);
  bytes.replace(26, 16, 16, '\0');
  EXPECT_EQ(error_of(*open_audio(folder.save("a.flac", bytes))), "no error");
}

TEST(FlacReader, DoesNotJudgeAChecksumAfterAJump) {
  const TemporaryFolder folder;
  FlacShape shape = kShape;
  shape.right_md5 = false;
  HeardWarnings heard;
  const auto reader = open_audio(folder.save("a.flac", flac_file(shape, sample16)), heard.sink());
  Buffer out(2, 10000);
  reader->read(40000, out.view());
  EXPECT_THAT(heard.codes, testing::IsEmpty());
}

TEST(FlacReader, SaysWhereTheStreamIsDamaged) {
  const TemporaryFolder folder;
  std::string bytes = flac_file(kShape, sample16);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
  const auto reader = open_audio(folder.save("a.flac", bytes));
  EXPECT_THAT(error_of(*reader),
              testing::EndsWith("damaged FLAC near frame 24576 (0.512 s): no frame "
                                "begins where one has to; find a whole copy"));
}

TEST(FlacReader, SaysWhereTheStreamIsDamagedBehindAJump) {
  const TemporaryFolder folder;
  std::string bytes = flac_file(kShape, sample16);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
  const auto reader = open_audio(folder.save("a.flac", bytes));
  Buffer out(2, 500);
  reader->read(18000, out.view());
  EXPECT_EQ(out.channel(1)[0], std::ldexp(static_cast<float>(sample16(1, 18000)), -15));
  reader->read(24000, out.view());
  EXPECT_EQ(out.channel(1)[0], std::ldexp(static_cast<float>(sample16(1, 24000)), -15));
  try {
    reader->read(24500, out.view());
    FAIL() << "read over damage";
  } catch (const IoError& error) {
    EXPECT_THAT(error.what(), HasSubstr("damaged FLAC near frame 24576 (0.512 s)"));
  }
}

// What libFLAC hands over of a damaged frame must not stand in for the one before it.
TEST(FlacReader, StillFindsWhatIsBeforeTheDamage) {
  const TemporaryFolder folder;
  std::string bytes = flac_file(kShape, sample16);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
  const auto reader = open_audio(folder.save("a.flac", bytes));
  Buffer out(2, 1000);
  for (Frames n = 0; n < 24000; n += 1000) reader->read(n, out.view());
  EXPECT_THROW(reader->read(24000, out.view()), IoError);
  reader->read(23000, out.view());
  for (Frames n = 0; n < 1000; ++n)
    ASSERT_EQ(out.channel(1)[n], std::ldexp(static_cast<float>(sample16(1, 23000 + n)), -15)) << n;
}

TEST(FlacReader, SaysThatTheStreamEndsEarly) {
  const TemporaryFolder folder;
  std::string bytes = flac_file(kShape, sample16);
  bytes.resize(bytes.size() * 2 / 3);
  const auto reader = open_audio(folder.save("a.flac", bytes));
  EXPECT_THAT(error_of(*reader), HasSubstr("damaged FLAC"));
}

TEST(FlacReader, RefusesALengthThatTheFileCanNotHold) {
  const TemporaryFolder folder;
  std::string bytes = flac_file({.channels = 1, .bits = 16, .frames = 100}, sample16);
  for (int i = 0; i < 4; ++i) bytes[static_cast<std::size_t>(22 + i)] = '\xff';  // total samples
  EXPECT_THROW(open_audio(folder.save("a.flac", bytes)), IoError);
}

TEST(FlacReader, IgnoresATagBehindTheAudio) {
  const TemporaryFolder folder;
  HeardWarnings heard;
  const auto reader =
      open_audio(folder.save("a.flac", flac_file(kShape, sample16) + "TAG" + std::string(125, 'x')),
                 heard.sink());
  EXPECT_EQ(error_of(*reader), "no error");
  EXPECT_THAT(heard.codes, testing::IsEmpty());
}

TEST(FlacReader, LeavesAFileWithASecondHeaderToLibFlacWhichGoesByIt) {
  const TemporaryFolder folder;
  FlacShape shape = kShape;
  const std::string right = flac_file(shape, sample16);
  shape.right_md5 = false;
  std::string bytes = flac_file(shape, sample16);
  bytes.insert(4, ByteWriter().be(0x00, 1).be(34, 3).text(right.substr(8, 34)).take());
  EXPECT_THAT(error_of(*open_audio(folder.save("a.flac", bytes))),
              HasSubstr("does not match its own MD5"));
}

/// The frame says another rate than the stream. libFLAC does not mind; we leave it to it.
std::string with_another_rate(std::string frame) {
  frame[2] = static_cast<char>(0x79);
  const std::size_t header = 4 + (static_cast<unsigned char>(frame[4]) < 0x80 ? 1 : 2) + 2;
  frame[header] = static_cast<char>(crc(frame.substr(0, header), 8, 0x07));
  frame.resize(frame.size() - 2);
  return frame + ByteWriter().be(crc(frame, 16, 0x8005), 2).take();
}

/// A file of which one frame is unusual. If that is the first, libFLAC reads it all.
std::string unusual_file(const FlacShape& shape, const SampleFunction& sample, Frames unusual) {
  std::string file =
      "fLaC" + ByteWriter().be(0x80, 1).be(34, 3).take() + flac_stream_info(shape, sample);
  for (Frames n = 0; n < shape.frames; n += 4096) {
    const std::string frame =
        flac_frame(shape, sample, n, std::min<Frames>(4096, shape.frames - n));
    file += n == 4096 * unusual ? with_another_rate(frame) : frame;
  }
  return file;
}

TEST(FlacReader, FindsWhatLibFlacFindsHoweverItIsRead) {
  for (const int bits : {8, 16, 24}) {
    for (const int channels : {1, 2, 5, 8}) {
      const TemporaryFolder folder;
      const auto sample = [bits](int c, Frames n) { return pattern(bits, c, n); };
      const FlacShape shape = {.channels = channels, .bits = bits, .frames = 70000};
      const auto ours = open_audio(folder.save("a.flac", flac_file(shape, sample)));
      const auto library = open_audio(folder.save("b.flac", unusual_file(shape, sample, 0)));
      // On and on, with short jumps ahead, long ones, one back to the start.
      const std::vector<Frames> firsts = {0,     1000,  1001,  9000, 20000, 25000,
                                          60000, 69500, 30000, 0,    4095,  20000};
      for (const Frames first : firsts) {
        Buffer a(channels, 777), b(channels, 777);
        ours->read(first, a.view());
        library->read(first, b.view());
        for (int c = 0; c < channels; ++c)
          ASSERT_TRUE(std::equal(a.channel(c), a.channel(c) + 777, b.channel(c))) << first;
      }
    }
  }
}

TEST(FlacReader, LeavesAnUnusualFrameToLibFlacAndLosesNothing) {
  for (const Frames unusual : {0, 3, 4, 12}) {
    const TemporaryFolder folder;
    const auto reader = open_audio(folder.save("a.flac", unusual_file(kShape, sample16, unusual)));
    const Buffer out = read_all(*reader);  // the MD5 as well
    for (int c = 0; c < 2; ++c) {
      for (Frames n = 0; n < kShape.frames; ++n)
        ASSERT_EQ(out.channel(c)[n], std::ldexp(static_cast<float>(sample16(c, n)), -15)) << n;
    }
  }
}

TEST(FlacReader, ChecksTheMd5OfWhatLibFlacReadsToo) {
  const TemporaryFolder folder;
  FlacShape shape = kShape;
  shape.right_md5 = false;
  const auto reader = open_audio(folder.save("a.flac", unusual_file(shape, sample16, 2)));
  EXPECT_THAT(error_of(*reader), HasSubstr("a.flac: the audio does not match its own MD5"));
}

}  // namespace
}  // namespace tutti::test
