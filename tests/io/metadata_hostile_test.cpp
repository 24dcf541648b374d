// SPDX-License-Identifier: Apache-2.0
// Files that lie about their metadata: read as far as they hold together, never a crash.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/io/flac_bytes.hpp"
#include "tests/io/metadata_files.hpp"

namespace tutti::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string said(const std::filesystem::path& path) {
  std::vector<Warning> warnings;
  read_metadata(path, warnings);
  std::string text;
  for (const Warning& warning : warnings) text += warning.message + "\n";
  return text;
}

TEST(HostileMetadata, ThrowsForAFileThatIsNotThere) {
  const TemporaryFolder folder;
  std::vector<Warning> warnings;
  EXPECT_THROW(read_metadata(folder / "a.wav", warnings), IoError);
  EXPECT_THROW(read_metadata(folder.path(), warnings), IoError);
}

TEST(HostileMetadata, NamesAChunkThatIsLongerThanTheFile) {
  const TemporaryFolder folder;
  const std::string lie = ByteWriter().text("iXML").le(0x7fffffff, 4).text("<a/>").take();
  const auto input = folder.save("a.wav", wave_with(chunk("ok  ", "kept"), lie));
  EXPECT_EQ(said(input),
            "the chunk 'iXML' says that it has 2147483647 bytes, but the file ends after 4\n");
  EXPECT_THAT(names_of(chunks_of(convert(input, output(folder / "b.wav")).bytes)),
              ElementsAre("fmt ", "ok  ", "data"));
}

// A sparse file: 2 GiB that are really there, and a chunk behind them.
TEST(HostileMetadata, LeavesAChunkOf2GiBBehindWithoutReadingIt) {
  const TemporaryFolder folder;
  constexpr std::uint64_t kHuge = std::uint64_t{1} << 31;
  const std::string front = wave_with("", ByteWriter().text("huge").le(kHuge, 4).take());
  const auto input = folder.save("a.wav", front);
  std::filesystem::resize_file(input, front.size() + kHuge);
  std::ofstream(input, std::ios::binary | std::ios::app) << chunk("tail", "kept");
  rusage before = {}, after = {};
  getrusage(RUSAGE_SELF, &before);
  const auto out = convert(input, output(folder / "b.wav"));
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 65536);  // KiB
  EXPECT_THAT(out.messages(), HasSubstr("the chunk 'huge' of 2147483648 bytes is not kept"));
  EXPECT_EQ(body_of(chunks_of(out.bytes), "tail"), "kept");
}

TEST(HostileMetadata, StopsAtRubbishBehindTheChunks) {
  const TemporaryFolder folder;
  const auto input =
      folder.save("a.wav", wave_with("", chunk("good", "x") + std::string(50, '\1')));
  EXPECT_THAT(said(input), HasSubstr("the 51 bytes behind chunk 3"));
}

TEST(HostileMetadata, TakesAHundredThousandChunksForTooMany) {
  const TemporaryFolder folder;
  std::string many;
  for (int i = 0; i < 100000; ++i) many += chunk("zz  ", "");
  EXPECT_THAT(said(folder.save("a.wav", wave_with("", many))), HasSubstr("or too many"));
}

TEST(HostileMetadata, FindsChunksBehindAMissingPadByte) {
  const TemporaryFolder folder;
  const std::string odd = ByteWriter().text("iXML").le(3, 4).text("abc").take();
  const auto out = convert(folder.save("a.wav", wave_with("", odd + chunk("LIST", "INFO"))),
                           output(folder / "b.wav"));
  EXPECT_THAT(names_of(chunks_of(out.bytes)), ElementsAre("fmt ", "data", "iXML", "LIST"));
}

// Counts and sizes inside chunks that promise more than the chunk holds: copied, and said so.
TEST(HostileMetadata, CopiesChunksThatContradictThemselves) {
  const TemporaryFolder folder;
  const std::string cue = ByteWriter().le(0xffffffff, 4).zeros(24).take();
  const std::string labels = "adtl" + ByteWriter().text("labl").le(0xfffffff0, 4).text("x").take();
  const std::string sampler =
      std::string(28, '\0') + ByteWriter().le(0xffffffff, 4).take() + "xxxx";
  const std::string list = ByteWriter().le(0x80000000, 4).take();
  const auto out = convert(
      folder.save("a.wav",
                  wave_with(chunk("cue ", cue) + chunk("LIST", labels),
                            chunk("smpl", sampler) + chunk("plst", list) + chunk("cart", "short"))),
      output(folder / "b.wav"));
  const Chunks chunks = chunks_of(out.bytes);
  EXPECT_EQ(body_of(chunks, "cue "), cue);
  EXPECT_EQ(body_of(chunks, "LIST"), labels);
  EXPECT_EQ(body_of(chunks, "smpl"), sampler);
  EXPECT_EQ(body_of(chunks, "plst"), list);
  EXPECT_EQ(body_of(chunks, "cart"), "short");
  EXPECT_EQ(out.warnings.size(), 4u) << out.messages();
}

TEST(HostileMetadata, LooksNotIntoFramesThatAreCompressedOrNested) {
  const TemporaryFolder folder;
  std::string nested = id3_frame("CHAP", "deep");
  for (int i = 0; i < 20000; ++i) nested = id3_frame("CHAP", "a" + std::string(17, '\0') + nested);
  const std::string tag =
      id3_tag(id3_frame("TIT2", "\x78\x9c bomb", 0x80) + nested + id3_text("TPE1", "Mozart"));
  const auto out =
      convert(folder.save("a.wav", wave_with("", chunk("id3 ", tag))), output(folder / "b.flac"));
  EXPECT_THAT(flac_header(out.bytes).comments, ElementsAre("ARTIST=Mozart"));
  EXPECT_THAT(out.messages(), HasSubstr("ID3 frame TIT2, ID3 frame CHAP"));
}

TEST(HostileMetadata, ReadsATagOfAHundredThousandFramesOnlySoFar) {
  const TemporaryFolder folder;
  std::string frames;
  for (int i = 0; i < 100000; ++i) frames += id3_text("TXXX", std::string("a\0b", 3));
  const auto out =
      convert(folder.save("a.mp3", id3_tag(frames) + "\xff\xfb"), output(folder / "b.flac"));
  EXPECT_LE(flac_header(out.bytes).comments.size(), 4096u);
  EXPECT_THAT(out.messages(), HasSubstr("the unreadable end of the ID3 tag"));
}

TEST(HostileMetadata, ReadsBlocksOfFlacThatLie) {
  const TemporaryFolder folder;
  const std::string info = flac_block(0, flac_stream_info({.frames = 0}, {}));
  const std::string comments = ByteWriter().le(4, 4).text("test").le(0xffffffff, 4).take();
  const std::string picture = ByteWriter().be(3, 4).be(0xfffffff0, 4).text("image").take();
  EXPECT_EQ(said(folder.save("a.flac", "fLaC" + info + flac_block(4, comments))),
            "the comments of the FLAC header contradict themselves\n"
            "the FLAC header does not end; what was not reached is not kept\n");
  EXPECT_EQ(said(folder.save("b.flac", "fLaC" + info + flac_block(0x86, picture))),
            "a picture of the FLAC header contradicts itself\n");
  EXPECT_EQ(
      said(folder.save("c.flac", "fLaC" + ByteWriter().be(0x84, 1).be(0xffffff, 3).take())),
      "the FLAC block VORBIS_COMMENT says that it has 16777215 bytes, but the file ends after "
      "0\n");
}

// Every prefix, and every byte turned over, of files of each kind: whatever is said, nothing
// breaks.
TEST(HostileMetadata, SurvivesCutsAndTurnedBytes) {
  const TemporaryFolder folder;
  const std::string tag = id3_tag(id3_text("TIT2", "Title") + id3_text("COMM", "eng\0text"));
  const std::string wave =
      wave_with(chunk("bext", std::string(602, 'b')) + chunk("cue ", std::string(28, '\1')),
                chunk("LIST", "adtl" + chunk("labl", "\1\1\1\1x")) + chunk("id3 ", tag));
  ByteWriter caf;
  caf.text("caff").be(1, 2).be(0, 2).text("info").be(11, 8).be(1, 4).text("a").zeros(1).text("b");
  caf.zeros(4).text("mark").be(36, 8).be(0, 4).be(1, 4).zeros(28);
  const std::string flac = "fLaC" + flac_block(0, std::string(34, '\0')) +
                           flac_comments({"A=b", "C=d"}) + flac_picture(3, "x") +
                           flac_block(0x85, std::string(396, '\2'));
  const std::string mp3 = tag + "\xff\xfb" + std::string(100, '\0') + "APETAGEX" +
                          ByteWriter().le(2000, 4).le(32, 4).le(1, 4).zeros(12).take();
  for (const std::string& good : {wave, caf.take(), flac, mp3}) {
    for (std::size_t i = 0; i<good.size(); i += good.size()> 500 ? 7 : 1) {
      std::string turned = good;
      turned[i] = static_cast<char>(turned[i] ^ 0xff);
      for (const std::string& bad : {good.substr(0, i), turned}) {
        const auto input = folder.save("x", bad);
        WriteSpec spec = output(folder / (i % 2 == 0 ? "out.wav" : "out.flac"), 10);
        std::vector<Warning> warnings;
        spec.metadata = std::make_shared<const Metadata>(read_metadata(input, warnings));
        open_writer(spec)->write(Buffer(2, 10).view());  // not committed: nothing waits for a disk
      }
    }
  }
}

}  // namespace
}  // namespace tutti::test
