// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/io/flac_bytes.hpp"
#include "tests/io/metadata_files.hpp"

namespace tutti::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A FLAC file of silence with blocks behind STREAMINFO.
std::string flac_with(std::string_view blocks) {
  const std::string plain =
      flac_file({.channels = 2, .bits = 16, .frames = 100}, [](int, Frames) { return 0; });
  const std::string last = flac_block(0x81, std::string(8, '\0'));  // padding ends the header
  return plain.substr(0, 4) + flac_block(0, plain.substr(8, 34)) + std::string(blocks) + last +
         plain.substr(42);
}

/// One track at `start` with an index at its begin, and the lead-out.
std::string cue_sheet(bool cd, std::uint64_t start, std::uint64_t end) {
  ByteWriter body;
  body.text("1234567890123").zeros(115).be(cd ? 88200 : 0, 8).be(cd ? 0x80 : 0, 1).zeros(258);
  body.be(2, 1);
  body.be(start, 8).be(1, 1).text("DEABC1234567").zeros(14).be(2, 1);
  body.be(0, 8).be(0, 1).zeros(3).be(588, 8).be(1, 1).zeros(3);
  body.be(end, 8).be(cd ? 170 : 255, 1).zeros(12).zeros(14).be(0, 1);
  return body.take();
}

TEST(FlacMetadata, KeepsCommentsPicturesAndApplicationsInOrder) {
  const TemporaryFolder folder;
  const std::string unknown = flac_block(99, "who knows");
  const std::string application = flac_block(2, "ABCDdata");
  const auto input = folder.save(
      "a.flac",
      flac_with(flac_picture(3, "front") + application + flac_block(3, std::string(18, 0)) +
                flac_comments({"Title=Requiem", "ARTIST=One", "COMMENT=", "ARTIST=Two",
                               "REPLAYGAIN_TRACK_GAIN=-7.1 dB", "r128_album_gain=12",
                               "WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x3", "ODD=a=b"}) +
                flac_picture(4, std::string(70000, 'p')) + unknown));
  const auto out = convert(input, output(folder / "b.flac"));
  const FlacHeader header = flac_header(out.bytes);
  EXPECT_THAT(header.types, ElementsAre(0, 4, 6, 2, 6, 99));
  EXPECT_THAT(header.comments,
              ElementsAre("Title=Requiem", "ARTIST=One", "COMMENT=", "ARTIST=Two", "ODD=a=b"));
  EXPECT_EQ(flac_block(6, header.bodies[2]), flac_picture(3, "front"));
  EXPECT_EQ(header.bodies[3], "ABCDdata");
  EXPECT_EQ(flac_block(6, header.bodies[4]), flac_picture(4, std::string(70000, 'p')));
  EXPECT_EQ(header.bodies[5], "who knows");
  EXPECT_EQ(out.messages(),
            "metadata_dropped: left out, because they say how loud the input was: "
            "REPLAYGAIN_TRACK_GAIN, r128_album_gain\n");
  EXPECT_EQ(open_audio(out.written.path)->info().frames, 4800);
  EXPECT_EQ(convert(input, output(folder / "c.flac")).written.sha256, out.written.sha256);
}

TEST(FlacMetadata, LeavesOutHeadersOfOtherFilesAndSaysSo) {
  const TemporaryFolder folder;
  const auto input =
      folder.save("a.flac", flac_with(flac_block(2, "riffRIFF....WAVE") +
                                      flac_block(2, "rifffmt ") + flac_block(2, "SONY")));
  const auto out = convert(input, output(folder / "b.flac"));
  EXPECT_EQ(flac_header(out.bytes).bodies.back(), "SONY");
  EXPECT_EQ(out.warnings.size(), 1u);
  EXPECT_THAT(out.messages(), HasSubstr("the APPLICATION blocks 'riff'"));
}

TEST(FlacMetadata, MovesTheTracksOfACueSheet) {
  const TemporaryFolder folder;
  const auto input =
      folder.save("a.flac", flac_with(flac_block(5, cue_sheet(false, 48000, 96000))));
  WriteSpec spec = output(folder / "b.flac", 192000, 96000);
  spec.metadata_change.from_rate_hz = 48000;
  const auto out = convert(input, spec);
  std::string expected = cue_sheet(false, 96000, 192000);
  // The index inside the track was 588 frames in; the track's entry begins at 396, its second index
  // at 396 + 36 + 12.
  expected.replace(396 + 36 + 12, 8, ByteWriter().be(1176, 8).take());
  EXPECT_EQ(flac_header(out.bytes).bodies.back(), expected);
  EXPECT_EQ(out.messages(), "");
}

TEST(FlacMetadata, DropsACueSheetThatDoesNotFitACdAnyMore) {
  const TemporaryFolder folder;
  const auto input = folder.save("a.flac", flac_with(flac_block(5, cue_sheet(true, 588, 5880))));
  const auto same = convert(input, output(folder / "b.flac", 5880, 44100));
  EXPECT_EQ(flac_header(same.bytes).bodies.back(), cue_sheet(true, 588, 5880));
  WriteSpec faster = output(folder / "c.flac", 6400, 48000);
  faster.metadata_change.from_rate_hz = 44100;
  WriteSpec trimmed = output(folder / "c.flac", 5780, 44100);
  trimmed.metadata_change.trimmed_frames = 100;
  for (const WriteSpec& spec : {faster, trimmed}) {
    const auto out = convert(input, spec);
    EXPECT_THAT(flac_header(out.bytes).types, testing::Not(testing::Contains(5)));
    EXPECT_THAT(out.messages(), HasSubstr("metadata_dropped: the CUESHEET"));
  }
}

// libFLAC refuses a second icon, and one of another shape: both become "other".
TEST(FlacMetadata, TurnsUnlawfulIconsIntoOtherPictures) {
  const TemporaryFolder folder;
  const auto input =
      folder.save("a.flac", flac_with(flac_picture(1, "x", 31) + flac_picture(1, "y", 32) +
                                      flac_picture(2, "z") + flac_picture(2, "z")));
  const FlacHeader header = flac_header(convert(input, output(folder / "b.flac")).bytes);
  std::vector<std::uint64_t> kinds;
  for (std::size_t i = 0; i < header.types.size(); ++i) {
    if (header.types[i] == 6) kinds.push_back(number_at(header.bodies[i], 0, 4, true));
  }
  EXPECT_THAT(kinds, ElementsAre(0, 1, 2, 0));
}

TEST(FlacMetadata, HoldsTheMaskOfTheOutputNotOfTheInput) {
  const TemporaryFolder folder;
  const auto input = folder.save(
      "a.flac", flac_with(flac_comments({"WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x33", "A=b"})));
  WriteSpec spec = output(folder / "b.flac");
  spec.channels = 6;
  spec.wave_mask = 0x3f;
  EXPECT_THAT(flac_header(convert(input, spec).bytes).comments,
              ElementsAre("WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x3F", "A=b"));
}

TEST(FlacMetadata, LeavesOutCommentsThatAreNone) {
  const TemporaryFolder folder;
  const auto input = folder.save(
      "a.flac", flac_with(flac_comments({"A=\xff\xfe", "B=\xc3\xa4", "C\x01=x", "no sign", "=y"})));
  const auto out = convert(input, output(folder / "b.flac"));
  EXPECT_THAT(flac_header(out.bytes).comments, ElementsAre("B=\xc3\xa4"));
  EXPECT_THAT(out.messages(), HasSubstr("metadata_dropped: comments that are not UTF-8"));
  EXPECT_THAT(convert(input, output(folder / "b.mp3")).messages(),
              HasSubstr("metadata_dropped: tags that are not UTF-8: A"));
}

TEST(FlacMetadata, IsReadBackByFfprobe) {
  if (!command_exists("ffprobe")) GTEST_SKIP() << "ffprobe is not installed";
  const TemporaryFolder folder;
  const auto input = folder.save("a.flac", flac_with(flac_comments({"TITLE=Größe", "ARTIST=One"}) +
                                                     flac_picture(3, kTinyPng)));
  const auto out = convert(input, output(folder / "b.flac"));
  const std::string shown = run_command("ffprobe -v error -show_format -show_streams '" +
                                        out.written.path.string() + "'");
  EXPECT_THAT(shown, HasSubstr("TAG:TITLE=Größe"));
  EXPECT_THAT(shown, HasSubstr("codec_name=png"));
  EXPECT_THAT(shown, HasSubstr("TAG:comment=Cover (front)"));
}

}  // namespace
}  // namespace tutti::test
