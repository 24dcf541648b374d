// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/io/test_files.hpp"

namespace tutti::test {
namespace {

/// MPEG-1 layer III, 128 kbit/s, 48 kHz, mono: 384 bytes a frame. Side information and data of
/// zeros are silence.
constexpr std::uint32_t kFrameHeader = 0xfffb94c0;

std::string silent_frames(int count) {
  ByteWriter out;
  for (int i = 0; i < count; ++i) out.be(kFrameHeader, 4).zeros(380);
  return out.take();
}

/// The Info frame: 17 bytes of side information of a mono frame, then flags and the frame count.
std::string info_frame(int frames, bool with_lame, int delay, int padding) {
  ByteWriter out;
  out.be(kFrameHeader, 4).zeros(17).text("Info").be(with_lame ? 15 : 1, 4);
  out.be(static_cast<std::uint64_t>(frames), 4);
  if (with_lame) {
    out.be(0, 4).zeros(100).be(0, 4).text("LAME3.100").zeros(12);
    out.be(static_cast<std::uint64_t>(delay << 12 | padding), 3);
  }
  out.zeros(384 - out.size());
  return out.take();
}

// An estimate from the first frames is what players show; a render needs every frame.
TEST(MpegReader, CountsEveryFrameOfAFileWithoutAnInfoFrame) {
  const TemporaryFolder folder;
  // The second half has twice the bit rate (0xfffbd4c0: 256 kbit/s, 768 bytes).
  std::string bytes = silent_frames(300);
  for (int i = 0; i < 300; ++i) bytes += ByteWriter().be(0xfffbd4c0, 4).zeros(764).take();
  HeardWarnings heard;
  const auto reader = open_audio(folder.save("a.mp3", bytes), heard.sink());
  EXPECT_EQ(reader->info().frames, 600 * 1152);
  EXPECT_EQ(reader->info().sample_rate_hz, 48000);
  EXPECT_EQ(reader->info().channels, 1);
  EXPECT_EQ(reader->info().encoding, "MP3");
  const Buffer out = read_all(*reader);
  EXPECT_EQ(*std::max_element(out.channel(0), out.channel(0) + out.frames()), 0.0f);
  EXPECT_THAT(heard.codes, testing::IsEmpty());
}

TEST(MpegReader, CutsTheDelayAndPaddingThatTheEncoderWroteDown) {
  const TemporaryFolder folder;
  HeardWarnings heard;
  const auto reader = open_audio(
      folder.save("a.mp3", info_frame(20, true, 576, 1000) + silent_frames(20)), heard.sink());
  EXPECT_EQ(reader->info().frames, 20 * 1152 - 576 - 1000);
  EXPECT_THAT(heard.codes, testing::IsEmpty());
}

// Programs that copy frames into a new file write an Info frame without delays.
TEST(MpegReader, TakesAFileWithoutDelaysAsWhole) {
  const TemporaryFolder folder;
  HeardWarnings heard;
  open_audio(folder.save("a.mp3", info_frame(20, true, 0, 0) + silent_frames(20)), heard.sink());
  EXPECT_THAT(heard.codes, testing::IsEmpty());
  open_audio(folder.save("b.mp3", info_frame(20, true, 0, 0) + silent_frames(19)), heard.sink());
  EXPECT_THAT(heard.codes, testing::ElementsAre("truncated"));
}

TEST(MpegReader, WarnsWhenFramesAreMissing) {
  const TemporaryFolder folder;
  for (const bool with_lame : {false, true}) {
    HeardWarnings heard;
    const auto reader =
        open_audio(folder.save("a.mp3", info_frame(20, with_lame, 576, 1000) + silent_frames(12)),
                   heard.sink());
    EXPECT_THAT(heard.codes, testing::ElementsAre("truncated"));
    read_all(*reader);
  }
}

// What lies behind a damaged place is as good as before it, however long the place is.
TEST(MpegReader, ReadsOnBehindADamagedPlaceAndTellsIt) {
  const TemporaryFolder folder;
  for (const std::size_t bytes : {1, 500, 20000}) {
    HeardWarnings heard;
    const auto reader = open_audio(
        folder.save("a.mp3", silent_frames(100) + std::string(bytes, 'x') + silent_frames(200)),
        heard.sink());
    EXPECT_GE(reader->info().frames, 298 * 1152) << bytes;
    EXPECT_LE(reader->info().frames, 300 * 1152) << bytes;
    EXPECT_THAT(heard.codes, testing::ElementsAre("damaged")) << bytes;
    read_all(*reader);
  }
}

TEST(MpegReader, SkipsAnId3Tag) {
  const TemporaryFolder folder;
  const std::string tag =
      ByteWriter().text("ID3").be(4, 1).be(0, 2).be(0x0200, 4).zeros(256).take();
  const auto reader = open_audio(folder.save("a.mp3", tag + silent_frames(10)));
  EXPECT_EQ(reader->info().frames, 10 * 1152);
}

// A tone made elsewhere: exact length, and the same samples after a jump as in sequence.
TEST(MpegReader, ReadsTheSameAfterAJump) {
  if (!command_exists("ffmpeg")) GTEST_SKIP() << "ffmpeg is not installed";
  const TemporaryFolder folder;
  const auto path = folder / "a.mp3";
  const std::string text = run_command(
      "ffmpeg -v error -f lavfi -i 'anoisesrc=d=3:r=44100:a=0.3:seed=1' -ac 2 -b:a 64k '" +
      path.string() + "'");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "ffmpeg can not write MP3: " << text;
  const auto reader = open_audio(path);
  ASSERT_EQ(reader->info().frames, 3 * 44100);
  const Buffer whole = read_all(*reader);
  Buffer piece(2, 3000);
  for (const Frames first : {100000, 50001, 1, 1151, 1152, 130000}) {
    reader->read(first, piece.view());
    for (int c = 0; c < 2; ++c) {
      for (Frames n = 0; n < piece.frames() && first + n < whole.frames(); ++n) {
        ASSERT_EQ(piece.channel(c)[n], whole.channel(c)[first + n]) << first + n;
      }
    }
  }
}

}  // namespace
}  // namespace tutti::test
