// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "host/audio/errors.hpp"
#include "host/catalogue/output_names.hpp"
#include "tests/catalogue/fixture.hpp"

namespace tutti::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> outputs(const Manifest& manifest) {
  std::vector<std::string> out;
  for (const CatalogueItem& item : manifest.items) out.push_back(item.output.string());
  return out;
}

std::vector<std::string> albums(const Manifest& manifest) {
  std::vector<std::string> out;
  for (const CatalogueItem& item : manifest.items) out.push_back(item.album);
  return out;
}

/// FLAC without audio: its format, and comments.
std::string tagged_flac(const std::vector<std::string>& comments) {
  const auto little = [](std::size_t value) {
    std::string out;
    for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift & 0xff);
    return out;
  };
  std::string body = little(0) + little(comments.size());
  for (const std::string& comment : comments) body += little(comment.size()) + comment;
  std::string format(34, '\0');
  format.replace(10, 4, "\x0a\xc4\x42\xf0");  // 44.1 kHz, stereo, 16 bit
  return "fLaC" + std::string("\0\0\0\x22", 4) + format + std::string("\x84\0\0", 3) +
         static_cast<char>(body.size()) + body;
}

TEST(Folders, AreMirroredSortedByBytes) {
  const TemporaryFolder folder;
  for (const char* name : {"m/b.wav", "m/Z.wav", "m/a/2.flac", "m/a/10.flac", "m/a/cover.jpg",
                           "m/.hidden.wav", "m/.git/x.wav", "m/m/x.aif", "m/n.mp3"})
    folder.write(name, "x");
  const fs::path input = folder.path() / "m/";
  const Manifest manifest = manifest_of_folders({&input, 1}, {}, true);
  EXPECT_THAT(outputs(manifest),
              ElementsAre("Z.wav", "a/10.flac", "a/2.flac", "b.wav", "m/x.aif", "n.flac"));
  EXPECT_THAT(albums(manifest), ElementsAre("m", "m/a", "m/a", "m", "m/m", "m"));
  EXPECT_EQ(manifest.items[1].input, folder.path() / "m/a/10.flac");
  EXPECT_EQ(manifest.items[1].id, "a/10");
  EXPECT_TRUE(manifest.file.empty());
}

// As old Mac OS left them: the content says what they are.
TEST(Folders, HaveAudioWhoseNameHasNoExtension) {
  const TemporaryFolder folder;
  folder.write("m/Side A", "FORM....AIFF");
  folder.write("m/Side B", "RIFF....WAVE");
  folder.write("m/README", "for you");
  folder.write("m/RIFF", "RI");
  folder.write("m/Vol. 2", "fLaC");
  folder.write("m/cover.jpg", "RIFF....WAVE");
  const fs::path input = folder.path() / "m";
  EXPECT_THAT(outputs(manifest_of_folders({&input, 1})),
              ElementsAre("Side A.wav", "Side B.wav", "Vol. 2.wav"))
      << "what has an extension is judged by it";
  folder.write("m/Side A.wav", "RIFF....WAVE");
  EXPECT_THAT(outputs(manifest_of_folders({&input, 1})),
              ElementsAre("Side A.wav", "Side A.wav.wav", "Side B.wav", "Vol. 2.wav"));
}

// A sidecar's name is longer than its output's: 250 bytes are left for that, and whole characters.
TEST(Folders, CutNamesThatLeaveNoRoomForASidecar) {
  const TemporaryFolder folder;
  const std::string whole(246, 'a');
  folder.write("m/" + whole + ".wav", "x");
  folder.write("m/" + whole.substr(1) + "é.wav", "x");
  folder.write("m/" + std::string(250, 'b') + ".wav", "x");
  const fs::path input = folder.path() / "m";
  const Manifest manifest = manifest_of_folders({&input, 1});
  EXPECT_THAT(outputs(manifest), ElementsAre(whole.substr(1) + ".wav", whole + ".wav",
                                             std::string(246, 'b') + ".wav"));
  EXPECT_EQ(manifest.items[2].input.filename(), std::string(250, 'b') + ".wav");
  for (const CatalogueItem& item : manifest.items)
    EXPECT_EQ(catalogue::output_name(item.output.string(), item.input).problem, "");
}

TEST(Folders, KeepTheirNamesWhenThereAreSeveral) {
  const TemporaryFolder folder;
  folder.write("m/a.wav", "x");
  folder.write("n/a.wav", "x");
  folder.write("single.wav", "x");
  const std::vector<fs::path> inputs = {folder.path() / "n", folder.path() / "m",
                                        folder.path() / "single.wav", folder.path() / "single.wav"};
  const Manifest manifest = manifest_of_folders(inputs, {}, true);
  EXPECT_THAT(outputs(manifest), ElementsAre("m/a.wav", "n/a.wav", "single.wav"));
  EXPECT_THAT(albums(manifest), ElementsAre("m", "n", "")) << "a file alone belongs to no album";
}

TEST(Folders, AreNoAlbumsUnlessAskedTo) {
  const TemporaryFolder folder;
  folder.write("m/a.wav", "x");
  folder.write("m/b/c.wav", "x");
  const fs::path input = folder.path() / "m";
  EXPECT_THAT(albums(manifest_of_folders({&input, 1})), ElementsAre("", ""));
  EXPECT_THAT(albums(manifest_of_folders({&input, 1}, {}, true)), ElementsAre("m", "m/b"));
}

// Two records of one title are two albums, but the discs of one artist's record are one.
TEST(Folders, TellAlbumsOfOneTitleApart) {
  const TemporaryFolder folder;
  const std::string hits = "ALBUM=Greatest Hits";
  folder.write("m/abba/1.flac", tagged_flac({hits, "ARTIST=ABBA"}));
  folder.write("m/abba/2.flac", tagged_flac({hits, "ARTIST=ABBA"}));
  folder.write("m/cher/1.flac", tagged_flac({hits, "ARTIST=Cher"}));
  folder.write("m/queen/disc 1/1.flac", tagged_flac({hits, "ALBUMARTIST=Queen"}));
  folder.write("m/queen/disc 2/1.flac", tagged_flac({hits, "ALBUMARTIST=Queen"}));
  const fs::path input = folder.path() / "m", alone = folder.path() / "m/cher/1.flac";
  EXPECT_THAT(
      albums(manifest_of_folders({&input, 1})),
      ElementsAre("m/abba – Greatest Hits", "m/abba – Greatest Hits", "m/cher – Greatest Hits",
                  "Queen – Greatest Hits", "Queen – Greatest Hits"));
  EXPECT_THAT(albums(manifest_of_folders({&alone, 1})), ElementsAre("cher – Greatest Hits"));
}

TEST(Folders, LeaveEarlierOutputsOut) {
  const TemporaryFolder folder;
  folder.write("a.wav", "x");
  folder.write("notes.wav", "x");
  folder.write("notes.wav.json", "{\"my\":\"notes\"}");
  add_output(folder, "made", "1234");  // out/made.flac
  const fs::path input = folder.path(), output = folder.path() / "out/made.flac";
  EXPECT_THAT(outputs(manifest_of_folders({&input, 1})), ElementsAre("a.wav", "notes.wav"));
  EXPECT_THAT(outputs(manifest_of_folders({&output, 1})), ElementsAre("made.flac"))
      << "who names it means it";
}

TEST(Folders, GiveTwoNamesWhereALossyFileWouldTakeItsNeighbours) {
  const TemporaryFolder folder;
  for (const char* name : {"m/a.flac", "m/a.mp3", "m/b.mp3", "m/c.ogg", "m/c.mp3", "m/a.wav"})
    folder.write(name, "x");
  const fs::path input = folder.path() / "m";
  const Manifest manifest = manifest_of_folders({&input, 1});
  EXPECT_THAT(outputs(manifest),
              ElementsAre("a.flac", "a.mp3.flac", "a.wav", "b.flac", "c.mp3.flac", "c.ogg.flac"));
  std::vector<std::string> ids;
  for (const CatalogueItem& item : manifest.items) ids.push_back(item.id);
  EXPECT_THAT(ids, ElementsAre("a.flac", "a.mp3", "a.wav", "b", "c.mp3", "c.ogg"));
}

TEST(Folders, EndWhereALinkLeadsBackAndLeaveTheOutputsOut) {
  const TemporaryFolder folder;
  folder.write("m/a.wav", "x");
  folder.write("m/out/a.wav", "x");
  folder.write("elsewhere/b.wav", "x");
  fs::create_directory_symlink("..", folder.path() / "m/loop");
  fs::create_symlink(folder.path() / "elsewhere/b.wav", folder.path() / "m/linked.wav");
  fs::create_symlink("nowhere", folder.path() / "m/dangling.wav");
  ASSERT_EQ(mkfifo(folder.file("m/pipe.wav").c_str(), 0600), 0);  // would block whoever opens it
  const fs::path input = folder.path() / "m";
  const Manifest manifest = manifest_of_folders({&input, 1}, folder.path() / "m/out");
  EXPECT_THAT(outputs(manifest),
              ElementsAre("a.wav", "dangling.wav", "linked.wav", "loop/elsewhere/b.wav"))
      << "a link that leads nowhere is a failure to report, not a file to forget";
}

TEST(Folders, SayWhichAudioNobodyDecodes) {
  const TemporaryFolder folder;
  for (const char* name : {"m/a.wav", "m/b/x.M4A", "m/c.wma", "m/cover.jpg", "m/notes.txt",
                           "m/film.mp4", "m/.hidden.m4a"})
    folder.write(name, "x");
  const fs::path input = folder.path() / "m";
  const Manifest manifest = manifest_of_folders({&input, 1});
  EXPECT_THAT(outputs(manifest), ElementsAre("a.wav"));
  EXPECT_THAT(manifest.undecodable, ElementsAre(input / "b/x.M4A", input / "c.wma"));
  const fs::path named = input / "c.wma";
  EXPECT_EQ(manifest_of_folders({&named, 1}).items.size(), 1u) << "what is named is tried";
}

TEST(Folders, RefuseTwoInputsOfOneName) {
  const TemporaryFolder folder;
  folder.write("x/a.wav", "x");
  folder.write("y/a.wav", "x");
  const std::vector<fs::path> inputs = {folder.path() / "x/a.wav", folder.path() / "y/a.wav"};
  try {
    manifest_of_folders(inputs);
    FAIL() << "was taken";
  } catch (const ManifestError& error) {
    EXPECT_THAT(error.what(), HasSubstr("would both become `a.wav`"));
  }
  const fs::path gone = folder.path() / "gone";
  EXPECT_THROW(manifest_of_folders({&gone, 1}), IoError);
}

}  // namespace
}  // namespace tutti::test
