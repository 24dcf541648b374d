// SPDX-License-Identifier: Apache-2.0
// Tags and artwork from one container to another; FFmpeg says what arrived.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "host/io/id3_frames.hpp"
#include "tests/io/flac_bytes.hpp"
#include "tests/io/metadata_files.hpp"

namespace tutti::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string picture_frame() {
  return id3_frame("APIC", std::string("\0image/png\0\3art\0", 16) + kTinyPng);
}

/// A WAV with an ID3 tag, a list, a broadcast chunk and one that nobody knows.
std::string rich_wave() {
  const std::string tag =
      id3_tag(id3_text("TIT2", "Requiem") + id3_text("TPE1", "Mozart") + id3_text("TRCK", "3/12") +
              id3_text("TXXX", std::string("CATALOGUE\0K. 626", 16)) +
              id3_text("TXXX", std::string("REPLAYGAIN_ALBUM_GAIN\0-3 dB", 27)) + picture_frame() +
              id3_frame("PRIV", "own"));
  const std::string list = "INFO" + chunk("INAM", "Other title") + chunk("ICOP", "\xa9 1991");
  return wave_with(
      chunk("bext", "The master tape" + std::string(600, '\0')) + chunk("zz12", "unknown"),
      chunk("LIST", list) + chunk("id3 ", tag));
}

std::string probed(const std::filesystem::path& path) {
  return run_command("ffprobe -v error -show_format -show_streams '" + path.string() + "'");
}

class MetadataContainers : public testing::Test {
 protected:
  void SetUp() override {
    if (!command_exists("ffprobe")) GTEST_SKIP() << "ffprobe is not installed";
  }
  TemporaryFolder folder_;
};

TEST_F(MetadataContainers, WaveTagsBecomeFlacComments) {
  const auto out = convert(folder_.save("a.wav", rich_wave()), output(folder_ / "b.flac"));
  const FlacHeader header = flac_header(out.bytes);
  EXPECT_THAT(header.comments,
              testing::UnorderedElementsAre("TITLE=Requiem", "ARTIST=Mozart", "TRACKNUMBER=3/12",
                                            "CATALOGUE=K. 626", "COPYRIGHT=\xc2\xa9 1991",
                                            "DESCRIPTION=The master tape"));
  EXPECT_EQ(header.types.back(), 6);
  EXPECT_THAT(header.bodies.back(), testing::EndsWith(kTinyPng));
  EXPECT_THAT(out.messages(), HasSubstr("how loud the input was: REPLAYGAIN_ALBUM_GAIN"));
  EXPECT_THAT(out.messages(), HasSubstr("ID3 frame PRIV"));
  EXPECT_THAT(out.messages(), HasSubstr("bext (its texts are kept as tags)"));
  EXPECT_THAT(out.messages(), HasSubstr("'zz12'"));
}

TEST_F(MetadataContainers, WaveTagsReachEveryCompressedFormat) {
  for (const char* name : {"b.mp3", "b.ogg", "b.opus"}) {
    const auto input = folder_.save("a.wav", rich_wave());
    const auto out = convert(input, output(folder_ / name, 48000));
    const std::string shown = probed(out.written.path);
    // FFmpeg shows a title as "title" of ID3 and as "TITLE" of Vorbis comments.
    for (const char* text : {"=Requiem", "=Mozart", "=3/12", "=K. 626", "1991", "codec_name=png"}) {
      EXPECT_THAT(shown, HasSubstr(text)) << name;
    }
    EXPECT_THAT(shown, Not(HasSubstr("REPLAYGAIN"))) << name;
    EXPECT_EQ(open_audio(out.written.path)->info().frames, 48000) << name;
    EXPECT_EQ(out.written.bytes, static_cast<std::int64_t>(out.bytes.size())) << name;
    EXPECT_THAT(run_command("sha256sum '" + out.written.path.string() + "'"),
                testing::StartsWith(out.written.sha256));
    EXPECT_EQ(run_command("ffmpeg -v warning -i '" + out.written.path.string() + "' -f null -"), "")
        << name;
    const std::string first = out.written.sha256;
    EXPECT_EQ(convert(input, output(folder_ / name, 48000)).written.sha256, first) << name;
  }
}

/// Id, flags and body of every frame of the ID3v2.4 tag that a file begins with.
std::vector<std::string> id3_frames_of(const std::string& tag) {
  std::vector<std::string> out;
  const auto frames = io::split_id3(std::as_bytes(std::span(tag)));
  if (!frames) return out;
  EXPECT_EQ(frames->version, 4);
  for (const io::Id3Frame& frame : frames->frames) {
    const auto begin = frames->bytes.begin();
    std::string body;
    for (auto byte = begin + static_cast<std::ptrdiff_t>(frame.body);
         byte != begin + static_cast<std::ptrdiff_t>(frame.end); ++byte)
      body += static_cast<char>(*byte);
    out.push_back(frame.id + (frame.opaque ? "!" : " ") + body);
  }
  return out;
}

// Identifiers, ratings, enclosed files and what programs keep for themselves: where ID3 stands
// before and after, as they are.
TEST_F(MetadataContainers, Id3FramesThatAreNoTextReachId3) {
  const std::string large(300, '\x7f');  // 2.3 and 2.4 write this length in different ways
  const std::string owner("http://example.org\0id-7", 23);
  const std::string musicbrainz("http://musicbrainz.org\0track", 28);
  const std::string frames = id3_text("TIT2", "Requiem") +
                             id3_frame("PRIV", std::string("me\0", 3) + large) +
                             id3_frame("PRIV", std::string("PeakValue\0\1\2", 12)) +
                             id3_frame("POPM", std::string("me\0\xc8", 4)) +
                             id3_frame("GEOB", std::string("\0a/b\0f\0d\0body", 13)) +
                             id3_frame("UFID", owner) + id3_frame("UFID", musicbrainz) +
                             id3_frame("CHAP", std::string("c\0", 2) + std::string(16, '\0'));
  const std::string wave = wave_with("", chunk("id3 ", id3_tag(frames)));
  const auto from_wave = convert(folder_.save("a.wav", wave), output(folder_ / "b.mp3", 48000));
  const auto again = convert(folder_ / "b.mp3", output(folder_ / "c.mp3", 48000));
  for (const auto* out : {&from_wave, &again}) {
    const auto kept = id3_frames_of(out->bytes);
    EXPECT_THAT(kept, testing::IsSupersetOf({"PRIV " + std::string("me\0", 3) + large,
                                             "POPM " + std::string("me\0\xc8", 4),
                                             "GEOB " + std::string("\0a/b\0f\0d\0body", 13),
                                             "UFID " + owner, "UFID " + musicbrainz}));
    EXPECT_THAT(kept, Not(testing::Contains(testing::StartsWith("CHAP"))));
    EXPECT_THAT(kept, Not(testing::Contains(HasSubstr("PeakValue"))));
    EXPECT_THAT(out->messages(), Not(HasSubstr("POPM")));
  }
  EXPECT_THAT(from_wave.messages(), HasSubstr("ID3 frame CHAP"));
  EXPECT_THAT(convert(folder_ / "b.mp3", output(folder_ / "d.flac", 48000)).messages(),
              HasSubstr("ID3 frame POPM"));
}

// The tags must not touch the audio: the decoded samples are those of a file without them.
TEST_F(MetadataContainers, TagsLeaveTheEncodedAudioAsItIs) {
  const auto input = folder_.save("a.wav", rich_wave());
  for (const std::string extension : {".mp3", ".ogg", ".opus"}) {
    const auto tagged = convert(input, output(folder_ / ("tagged" + extension), 20000));
    WriteSpec plain = output(folder_ / ("plain" + extension), 20000);
    const auto writer = open_writer(plain);
    writer->write(Buffer(2, 20000).view());
    writer->commit();
    const auto decoded = [&](const std::filesystem::path& path) {
      return run_command("ffmpeg -v error -i '" + path.string() + "' -map 0:a -f md5 -");
    };
    EXPECT_EQ(decoded(tagged.written.path), decoded(plain.path)) << extension;
  }
}

TEST_F(MetadataContainers, TagsOfCompressedFilesBecomeFlacComments) {
  for (const char* name : {"b.mp3", "b.ogg", "b.opus"}) {
    run_command(
        "ffmpeg -v error -y -f lavfi -i anullsrc=d=0.2:r=48000 -metadata title='Größe' "
        "-metadata artist=Mozart -metadata custom='own words' -metadata "
        "REPLAYGAIN_TRACK_GAIN='-3 dB' '" +
        (folder_ / name).string() + "'");
    const auto out = convert(folder_ / name, output(folder_ / "c.flac"));
    const auto comments = flac_header(out.bytes).comments;
    EXPECT_THAT(comments, testing::Contains("TITLE=Größe")) << name;
    EXPECT_THAT(comments, testing::Contains("ARTIST=Mozart")) << name;
    EXPECT_THAT(comments, testing::Contains("CUSTOM=own words")) << name;
    EXPECT_THAT(comments, Not(testing::Contains(HasSubstr("-3 dB")))) << name;
    EXPECT_THAT(out.messages(), HasSubstr("REPLAYGAIN_TRACK_GAIN")) << name;
  }
}

// Unsynchronised lyrics (USLT, in ID3v2.2 ULT) are what Vorbis comments call LYRICS.
TEST_F(MetadataContainers, LyricsAreLyricsInFlac) {
  const std::string body = std::string("\0eng\0", 5) + "first line\nsecond";
  const std::string wave = wave_with("", chunk("id3 ", id3_tag(id3_frame("USLT", body))));
  const std::string old_frame =
      ByteWriter().text("ULT").be(body.size(), 3).text(body).take();  // a header of six bytes
  for (const auto& input : {folder_.save("a.wav", wave),
                            folder_.save("a.mp3", id3_tag(id3_frame("USLT", body)) + "\xff\xfb"),
                            folder_.save("b.mp3", id3_tag(old_frame, 2) + "\xff\xfb")}) {
    const auto flac = convert(input, output(folder_ / "c.flac"));
    EXPECT_THAT(flac_header(flac.bytes).comments, ElementsAre("LYRICS=first line\nsecond"))
        << input;
    EXPECT_EQ(flac.messages(), "") << input;
    // And lyrics again where ID3 says so.
    const auto back = convert(flac.written.path, output(folder_ / "c.wav"));
    EXPECT_THAT(body_of(chunks_of(back.bytes), "id3 "), HasSubstr("USLT"));
  }
}

TEST_F(MetadataContainers, FlacTagsReachWaveAndAiffAndCaf) {
  const std::string plain =
      flac_file({.channels = 2, .bits = 16, .frames = 100}, [](int, Frames) { return 0; });
  const auto input = folder_.save(
      "a.flac", plain.substr(0, 4) + flac_block(0, plain.substr(8, 34)) +
                    flac_comments({"TITLE=Größe", "ARTIST=Mozart", "ARTIST=Süßmayr", "X=y"}) +
                    flac_picture(3, kTinyPng) + flac_block(0x81, "") + plain.substr(42));
  const auto wave = convert(input, output(folder_ / "b.wav"));
  const Chunks chunks = chunks_of(wave.bytes);
  EXPECT_THAT(names_of(chunks), ElementsAre("fmt ", "data", "LIST", "id3 "));
  EXPECT_EQ(body_of(chunks, "LIST"), "INFO" + chunk("INAM", std::string("Größe\0", 8)) +
                                         chunk("IART", std::string("Mozart\0", 7)));
  EXPECT_THAT(body_of(chunks, "id3 "), HasSubstr(kTinyPng));
  EXPECT_THAT(body_of(chunks, "id3 "), HasSubstr("Süßmayr"));
  const auto aiff = convert(input, output(folder_ / "b.aiff"));
  const std::string shown = probed(aiff.written.path);
  EXPECT_THAT(shown, HasSubstr("TAG:title=Größe"));
  EXPECT_THAT(shown, HasSubstr("codec_name=png"));
  EXPECT_EQ(number_at(aiff.bytes, 4, 4, true), aiff.bytes.size() - 8);
  const auto caf = convert(input, output(folder_ / "b.caf"));
  EXPECT_THAT(probed(caf.written.path), HasSubstr("TAG:title=Größe"));
  EXPECT_EQ(caf.messages(), "metadata_dropped: pictures: CAF has no place for them\n");
  EXPECT_EQ(open_audio(caf.written.path)->info().frames, 4800);
}

TEST(AiffMetadata, MovesMarkersAndKeepsEveryChunk) {
  const TemporaryFolder folder;
  const auto markers = [](std::uint32_t first, std::uint32_t second) {
    return ByteWriter()
        .be(2, 2)
        .be(1, 2)
        .be(first, 4)
        .be(3, 1)
        .text("one")
        .be(2, 2)
        .be(second, 4)
        .be(4, 1)
        .text("four")
        .zeros(1)
        .take();
  };
  ByteWriter common;
  common.be(2, 2).be(100, 4).be(16, 2).be(0x400ebb8000000000, 8).be(0, 2);  // 48000 Hz
  const std::string chunks = big_chunk("NAME", "Title") + big_chunk("COMM", common.take()) +
                             big_chunk("MARK", markers(1000, 4000)) +
                             big_chunk("SSND", std::string(408, '\0')) +
                             big_chunk("APPL", "sosxown words");
  const auto input = folder.save(
      "a.aiff",
      ByteWriter().text("FORM").be(4 + chunks.size(), 4).text("AIFF").text(chunks).take());
  WriteSpec spec = output(folder / "b.aiff", 9600, 96000);
  spec.metadata_change.from_rate_hz = 48000;
  const auto out = convert(input, spec);
  const Chunks found = chunks_of(out.bytes, true);
  EXPECT_THAT(names_of(found), ElementsAre("COMM", "NAME", "MARK", "SSND", "APPL"));
  EXPECT_EQ(body_of(found, "MARK"), markers(2000, 8000));
  EXPECT_EQ(body_of(found, "APPL"), "sosxown words");
  EXPECT_EQ(out.messages(), "");
  EXPECT_EQ(open_audio(out.written.path)->info().frames, 9600);
  // Elsewhere the name is a tag, and what AIFF alone has is named.
  const auto flac = convert(input, output(folder / "c.flac"));
  EXPECT_THAT(flac_header(flac.bytes).comments, ElementsAre("TITLE=Title"));
  EXPECT_THAT(flac.messages(),
              HasSubstr("AIFF input's tags and pictures pass, but not: 'MARK', 'APPL'"));
}

TEST(CafMetadata, MovesMarkersAndKeepsEveryChunk) {
  const TemporaryFolder folder;
  const auto caf_chunk = [](std::string_view id, std::string_view body) {
    return ByteWriter().text(id).be(body.size(), 8).text(body).take();
  };
  const auto marker = [](double frame) {
    return ByteWriter().be(0, 4).be(1, 4).be(9, 4).f64be(frame).be(7, 4).zeros(12).take();
  };
  const std::string info =
      ByteWriter().be(1, 4).text("title").zeros(1).text("Name").zeros(1).take();
  ByteWriter format;
  format.f64be(48000).text("lpcm").be(2, 4).be(4, 4).be(1, 4).be(2, 4).be(16, 4);
  const auto input = folder.save("a.caf", ByteWriter()
                                              .text("caff")
                                              .be(1, 2)
                                              .be(0, 2)
                                              .text(caf_chunk("desc", format.take()))
                                              .text(caf_chunk("info", info))
                                              .text(caf_chunk("mark", marker(500)))
                                              .text(caf_chunk("data", std::string(404, '\0')))
                                              .text(caf_chunk("umid", std::string(64, 'u')))
                                              .take());
  WriteSpec spec = output(folder / "b.caf", 9600, 96000);
  spec.metadata_change.from_rate_hz = 48000;
  const auto out = convert(input, spec);
  EXPECT_THAT(out.bytes, HasSubstr(caf_chunk("info", info) + caf_chunk("mark", marker(1000))));
  EXPECT_THAT(out.bytes, testing::EndsWith(caf_chunk("umid", std::string(64, 'u'))));
  EXPECT_EQ(out.messages(), "");
  EXPECT_EQ(open_audio(out.written.path)->info().frames, 9600);
}

}  // namespace
}  // namespace tutti::test
