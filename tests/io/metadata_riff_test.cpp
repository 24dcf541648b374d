// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "host/io/container_chunks.hpp"
#include "tests/io/metadata_files.hpp"

namespace tutti::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A marker of a "cue " chunk.
std::string cue_point(std::uint32_t name, std::uint32_t frame) {
  return ByteWriter().le(name, 4).le(frame, 4).text("data").le(0, 4).le(0, 4).le(frame, 4).take();
}

std::string cues(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& points) {
  ByteWriter out;
  out.le(points.size(), 4);
  for (const auto& [name, frame] : points) out.text(cue_point(name, frame));
  return out.take();
}

std::string label(std::uint32_t cue, std::string_view text) {
  return chunk("labl", ByteWriter().le(cue, 4).text(text).zeros(1).take());
}

std::string region(std::uint32_t cue, std::uint32_t frames) {
  return chunk("ltxt", ByteWriter().le(cue, 4).le(frames, 4).text("rgn ").zeros(8).take());
}

TEST(RiffMetadata, KeepsEveryChunkInOrderOnItsSideOfTheSamples) {
  const TemporaryFolder folder;
  const std::string info = "INFO" + chunk("INAM", "Requiem") + chunk("IART", "Ny");
  const std::string before = chunk("JUNK", "room") + chunk("iXML", "<BWFXML/>") +
                             chunk("zz12", "odd") + chunk("LIST", info) + chunk("zz12", "again");
  const std::string after = chunk("_PMX", "<x/>") + chunk("id3 ", id3_tag(id3_text("TIT2", "T"))) +
                            chunk("PAD ", "gone") + chunk("acid", std::string(24, '\1'));
  const auto out =
      convert(folder.save("a.wav", wave_with(before, after)), output(folder / "b.wav"));
  const Chunks chunks = chunks_of(out.bytes);
  EXPECT_THAT(names_of(chunks),
              ElementsAre("fmt ", "iXML", "zz12", "LIST", "zz12", "data", "_PMX", "id3 ", "acid"));
  EXPECT_EQ(body_of(chunks, "iXML"), "<BWFXML/>");
  EXPECT_EQ(chunks[2].second, "odd");
  EXPECT_EQ(chunks[3].second, info);
  EXPECT_EQ(chunks[4].second, "again");
  EXPECT_EQ(body_of(chunks, "id3 "), id3_tag(id3_text("TIT2", "T")));
  EXPECT_EQ(body_of(chunks, "acid"), std::string(24, '\1'));
  EXPECT_EQ(number_at(out.bytes, 4, 4), out.bytes.size() - 8);
  EXPECT_EQ(out.messages(), "");
  EXPECT_EQ(open_audio(out.written.path)->info().frames, 4800);
}

// The room for RF64 stands first, and the hash is of the file as it is, when the length was not
// known.
TEST(RiffMetadata, LeavesSizesAndHashRightWhateverLengthWasExpected) {
  const TemporaryFolder folder;
  const auto input = folder.save("a.wav", wave_with(chunk("iXML", "<a/>"), chunk("tail", "xyz")));
  for (const Frames expected : {Frames{0}, Frames{4801}, Frames{9000}}) {
    WriteSpec spec = output(folder / "b.wav", expected);
    std::vector<Warning> warnings;
    spec.metadata = std::make_shared<const Metadata>(read_metadata(input, warnings));
    spec.overwrite = true;
    spec.encoding = Encoding::pcm24;
    spec.channels = 1;
    const auto writer = open_writer(spec);
    writer->write(Buffer(1, 4801).view());
    const auto written = writer->commit();
    const std::string bytes = load(written.path);
    EXPECT_EQ(number_at(bytes, 4, 4), bytes.size() - 8);
    Chunks chunks = chunks_of(bytes);
    EXPECT_EQ(body_of(chunks, "tail"), "xyz");
    EXPECT_EQ(body_of(chunks, "data").size(), 4801u * 3);
    EXPECT_THAT(run_command("sha256sum '" + written.path.string() + "'"),
                testing::StartsWith(written.sha256));
  }
}

// EBU Tech 3306: over 4 GiB the true sizes stand in ds64, which the chunks count towards.
TEST(RiffMetadata, CountsItsChunksInTheSizeOfAnRf64) {
  WriteSpec spec = output("a.wav", Frames{3} << 30);
  const io::ContainerChunks chunks = {
      io::to_bytes(chunk("zz12", "even")), io::to_bytes(chunk("tail", "odd")), {}, {}};
  const auto header = io::pcm_header(io::PcmContainer::wave, spec, Frames{3} << 30, chunks);
  const std::string bytes(io::characters(header));
  EXPECT_EQ(bytes.substr(0, 16), std::string("RF64\xff\xff\xff\xffWAVEds64", 16));
  EXPECT_EQ(bytes.substr(bytes.size() - 20),
            chunk("zz12", "even") + std::string("data\xff\xff\xff\xff", 8));
  const std::uint64_t data_bytes = std::uint64_t{3} << 32;
  EXPECT_EQ(number_at(bytes, 20, 8), bytes.size() - 8 + data_bytes + 12);
  EXPECT_EQ(number_at(bytes, 28, 8), data_bytes);
}

TEST(RiffMetadata, MovesMarkersWithTheRateToTheNearestFrame) {
  const TemporaryFolder folder;
  const std::string before = chunk("cue ", cues({{1, 0}, {2, 44100}, {3, 12345}})) +
                             chunk("LIST", "adtl" + label(2, "One") + region(3, 1000));
  WriteSpec spec = output(folder / "b.wav", 96000);
  spec.metadata_change.from_rate_hz = 44100;
  const auto out = convert(folder.save("a.wav", wave_with(before, "", 44100)), spec);
  const Chunks chunks = chunks_of(out.bytes);
  // 12345 · 48000 / 44100 = 13436.73; 1000 · 48000 / 44100 = 1088.44.
  EXPECT_EQ(body_of(chunks, "cue "), cues({{1, 0}, {2, 48000}, {3, 13437}}));
  EXPECT_EQ(body_of(chunks, "LIST"), "adtl" + label(2, "One") + region(3, 1088));
  EXPECT_EQ(out.messages(), "");
}

TEST(RiffMetadata, DropsMarkersThatWereTrimmedAwayWithTheirLabelsAndPlaces) {
  const TemporaryFolder folder;
  const std::string list =
      ByteWriter().le(2, 4).le(7, 4).le(100, 4).le(1, 4).le(9, 4).le(200, 4).le(2, 4).take();
  const std::string before = chunk("LIST", "adtl" + label(7, "Gone") + label(9, "Kept")) +
                             chunk("cue ", cues({{7, 999}, {9, 1000}, {11, 5801}})) +
                             chunk("plst", list);
  WriteSpec spec = output(folder / "b.wav", 4800);
  spec.metadata_change.trimmed_frames = 1000;
  const auto out = convert(folder.save("a.wav", wave_with(before, "")), spec);
  const Chunks chunks = chunks_of(out.bytes);
  EXPECT_EQ(body_of(chunks, "cue "), cues({{9, 0}}));
  EXPECT_EQ(body_of(chunks, "LIST"), "adtl" + label(9, "Kept"));
  EXPECT_EQ(body_of(chunks, "plst"), ByteWriter().le(1, 4).le(9, 4).le(200, 4).le(2, 4).take());
  EXPECT_EQ(out.messages(),
            "metadata_dropped: 2 cue points outside the output are left out, with what refers to "
            "them\n");
}

TEST(RiffMetadata, MovesLoopsAndTheSamplePeriodOfASampler) {
  const TemporaryFolder folder;
  const auto sampler = [](std::uint32_t period_ns, std::uint32_t start, std::uint32_t end) {
    ByteWriter body;
    body.le(1, 4).le(2, 4).le(period_ns, 4).le(60, 4).zeros(12).le(1, 4).le(3, 4);
    body.le(5, 4).le(0, 4).le(start, 4).le(end, 4).le(0, 4).le(9, 4).text("abc");
    return body.take();
  };
  WriteSpec spec = output(folder / "b.wav", 9600);
  spec.metadata_change.from_rate_hz = 96000;
  const auto out = convert(
      folder.save("a.wav", wave_with("", chunk("smpl", sampler(10417, 1000, 2001)), 96000)), spec);
  // 1e9 / 48000 = 20833.3 ns; 2001 / 2 = 1000.5, a half goes up.
  EXPECT_EQ(body_of(chunks_of(out.bytes), "smpl"), sampler(20833, 500, 1001));
}

TEST(RiffMetadata, LeavesOutPeaksOfTheInputAndSaysWhatStaysOld) {
  const TemporaryFolder folder;
  WriteSpec spec = output(folder / "b.wav");
  spec.metadata_change.from_rate_hz = 96000;
  const auto out = convert(
      folder.save("a.wav", wave_with(chunk("PEAK", std::string(24, 'p')) + chunk("iXML", "<a/>"),
                                     chunk("levl", "peaks"))),
      spec);
  EXPECT_THAT(names_of(chunks_of(out.bytes)), ElementsAre("fmt ", "iXML", "data"));
  EXPECT_THAT(out.messages(), HasSubstr("metadata_dropped: the chunk 'PEAK' holds peaks"));
  EXPECT_THAT(out.messages(), HasSubstr("metadata_dropped: the chunk 'levl' holds peaks"));
  EXPECT_THAT(out.messages(), HasSubstr("metadata_stale: the chunk 'iXML' is copied as it is"));
}

// Replay gain in a tag inside a WAV: the frame goes, the rest and the chunk's size stay.
TEST(RiffMetadata, TakesReplayGainOutOfATagAndLeavesTheRestAsItWas) {
  const TemporaryFolder folder;
  const std::string title = id3_text("TIT2", "Title");
  const std::string gain = id3_text("TXXX", std::string("replaygain_track_gain\0-7.00 dB", 30));
  const std::string rest = id3_frame("PRIV", "own") + id3_frame("RVA2", "x");
  const std::string tag = id3_tag(title + gain + rest);
  const auto out =
      convert(folder.save("a.wav", wave_with("", chunk("id3 ", tag))), output(folder / "b.wav"));
  const std::string kept = title + id3_frame("PRIV", "own");
  const std::string padded = kept + std::string(tag.size() - 10 - kept.size(), '\0');
  EXPECT_EQ(body_of(chunks_of(out.bytes), "id3 "), id3_tag(padded));
  EXPECT_THAT(out.messages(), HasSubstr("how loud the input was: ID3 frame TXXX, ID3 frame RVA2"));
}

TEST(RiffMetadata, PassesBetweenWaveAndWave64) {
  const TemporaryFolder folder;
  const std::string before = chunk("bext", std::string(602, '\0')) + chunk("cue ", cues({{1, 5}}));
  const std::string after = chunk("LIST", "INFO" + chunk("INAM", "Title"));
  const auto there =
      convert(folder.save("a.wav", wave_with(before, after)), output(folder / "b.w64"));
  EXPECT_EQ(number_at(there.bytes, 16, 8), there.bytes.size());
  EXPECT_EQ(open_audio(there.written.path)->info().frames, 4800);
  const auto back = convert(there.written.path, output(folder / "c.wav"));
  const Chunks chunks = chunks_of(back.bytes);
  EXPECT_THAT(names_of(chunks), ElementsAre("fmt ", "bext", "cue ", "data", "LIST"));
  EXPECT_EQ(body_of(chunks, "cue "), cues({{1, 5}}));
  EXPECT_EQ(body_of(chunks, "LIST"), "INFO" + chunk("INAM", "Title"));
  EXPECT_EQ(back.messages(), "");
}

TEST(RiffMetadata, IsReadBackByFfprobe) {
  if (!command_exists("ffprobe")) GTEST_SKIP() << "ffprobe is not installed";
  const TemporaryFolder folder;
  const std::string after =
      chunk("LIST", "INFO" + chunk("INAM", "Requiem") + chunk("IART", "Mozart"));
  const auto out = convert(folder.save("a.wav", wave_with("", after)), output(folder / "b.wav"));
  const std::string shown =
      run_command("ffprobe -v error -show_format '" + out.written.path.string() + "'");
  EXPECT_THAT(shown, HasSubstr("TAG:title=Requiem"));
  EXPECT_THAT(shown, HasSubstr("TAG:artist=Mozart"));
  EXPECT_THAT(shown, HasSubstr("duration=0.100000"));
}

TEST(RiffMetadata, ReadsNoChunksOfAFileWithoutAny) {
  const TemporaryFolder folder;
  const auto out = convert(folder.save("a.wav", wave_with("", "")), output(folder / "b.wav"));
  WriteSpec plain = output(folder / "c.wav");
  const auto writer = open_writer(plain);
  writer->write(Buffer(2, 4800).view());
  EXPECT_EQ(out.written.sha256, writer->commit().sha256);
  EXPECT_THAT(out.warnings, IsEmpty());
}

}  // namespace
}  // namespace tutti::test
