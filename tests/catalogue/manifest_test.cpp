// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "host/audio/errors.hpp"
#include "tests/catalogue/fixture.hpp"

namespace tutti::test {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string problems(const std::string& text) {
  const TemporaryFolder folder;
  return manifest_problems(folder, "m.jsonl", text);
}

TEST(Manifest, ReadsEveryKey) {
  const TemporaryFolder folder;
  folder.write(
      "m.jsonl",
      "\xEF\xBB\xBF{\"id\": \"one\", \"album\": \"A\", \"input\": \"in/a.wav\", \"output\": "
      "\"x//./a.flac\", \"seconds\": 12.5, \"target_lufs\": -14, \"ceiling_dbtp\": -1.5}\r\n"
      "\n"
      "{\"input\": \"/abs/b.mp3\", \"album\": null}\n");
  const Manifest manifest = read_manifest(folder.path() / "m.jsonl");
  ASSERT_THAT(manifest.items, SizeIs(2));
  const CatalogueItem& a = manifest.items[0];
  EXPECT_EQ(a.id, "one");
  EXPECT_EQ(a.album, "A");
  EXPECT_EQ(a.input, folder.path() / "in/a.wav");
  EXPECT_EQ(a.output, "x/a.flac");
  EXPECT_EQ(a.seconds, 12.5);
  EXPECT_EQ(a.target_lufs, -14);
  EXPECT_EQ(a.ceiling_dbtp, -1.5);
  EXPECT_EQ(a.line, 1);
  EXPECT_EQ(public_input_name(manifest, a), "in/a.wav");
  const CatalogueItem& b = manifest.items[1];
  EXPECT_EQ(b.input, "/abs/b.mp3");
  EXPECT_EQ(b.output, "b.flac");
  EXPECT_EQ(b.id, "b");
  EXPECT_EQ(b.line, 3);
  EXPECT_EQ(public_input_name(manifest, b), "b.mp3") << "a host's path is nobody's business";
}

TEST(Manifest, FillsInTheContainerAndTheId) {
  const TemporaryFolder folder;
  folder.write("m.jsonl",
               "{\"input\": \"a.wav\", \"output\": \"Op. 9 No. 2\"}\n"
               "{\"input\": \"b.OGG\", \"output\": \"disc 1/b\"}\n"
               "{\"input\": \"c.au\", \"output\": \"c\"}\n"
               "{\"input\": \"sub/d.aiff\"}\n"
               "{\"input\": \"../e.flac\"}\n"
               "{\"input\": \"f.wav\", \"output\": \"./sub//../f.wav\"}\n");
  const Manifest manifest = read_manifest(folder.path() / "m.jsonl");
  ASSERT_THAT(manifest.items, SizeIs(6));
  EXPECT_EQ(manifest.items[0].output, "Op. 9 No. 2.wav");
  EXPECT_EQ(manifest.items[0].id, "Op. 9 No. 2");
  EXPECT_EQ(manifest.items[1].output, "disc 1/b.flac");
  EXPECT_EQ(manifest.items[1].id, "disc 1/b");
  EXPECT_EQ(manifest.items[2].output, "c.wav") << "can be read, can not be written";
  EXPECT_EQ(manifest.items[3].output, "sub/d.aiff");
  EXPECT_EQ(manifest.items[4].output, "e.flac") << "not beside the manifest: by its name";
  EXPECT_EQ(manifest.items[5].output, "f.wav") << "does not leave the folder";
}

TEST(Manifest, NamesEveryProblemAtItsLine) {
  EXPECT_EQ(problems("{\"input\": \"a.wav\", \"output\": \"a.wav\"}\n"
                     "{\"input\": \"b.wav\", \"output\": \"../b.wav\"}\n"
                     "{\"input\": \"c.wav\", \"output\": \"/c.wav\"}\n"
                     "{\"input\": \"d.wav\", \"output\": \"d.pcm\"}\n"
                     "{\"output\": \"e.wav\"}\n"
                     "{\"input\": \"f.wav\", \"targte_lufs\": -14}\n"
                     "{\"input\": \"g.wav\", \"target_lufs\": \"-14\"}\n"
                     "{\"input\": \"h.wav\", \"target_lufs\": 14}\n"
                     "{\"input\": \"i.wav\", \"input\": \"j.wav\"}\n"
                     "{\"input\": [\"k.wav\"]}\n"
                     "[1]\n"
                     "{\"input\": \"l.wav\"\n"
                     "{\"input\": \"m.wav\", \"output\": \"a.wav\"}\n"
                     "{\"id\": \"a\", \"input\": \"n.wav\", \"output\": \"a.wav/n.wav\"}\n"
                     "{\"id\": 7, \"input\": \"o.wav\"}\n"),
            "m.jsonl:2: output `../b.wav` leaves the output folder\n"
            "m.jsonl:3: output `/c.wav` is absolute; write it relative to the output folder\n"
            "m.jsonl:4: output `d.pcm`: `.pcm` names no container that can be written; use .wav, "
            ".flac, .aiff, .caf, .w64, .ogg, .opus or .mp3\n"
            "m.jsonl:5: has no input; name the audio file: input\n"
            "m.jsonl:6: unknown key `targte_lufs`; did you mean `target_lufs`?\n"
            "m.jsonl:7: `target_lufs` is `-14`, not a number; write it like -14.5, without quotes "
            "or a unit\n"
            "m.jsonl:8: `target_lufs` is 14; -70 to 0 are possible\n"
            "m.jsonl:9: `input` stands there twice; write {\"input\": \"a.wav\", \"output\": "
            "\"a.flac\"}\n"
            "m.jsonl:10: `input` is a list; each key has one text or one number; write {\"input\": "
            "\"a.wav\", \"output\": \"a.flac\"}\n"
            "m.jsonl:11: is no JSON object; write {\"input\": \"a.wav\", "
            "\"output\": \"a.flac\"}\n"
            "m.jsonl:12: is no JSON object (column 18); write {\"input\": \"a.wav\", \"output\": "
            "\"a.flac\"}\n"
            "m.jsonl:15: `id` is a number, not a text; put it in quotes\n"
            "m.jsonl:13: id `a` is that of line 1 already; give each item an id of its own\n"
            "m.jsonl:13: output `a.wav` is that of line 1 already; give each item an output of its "
            "own\n"
            "m.jsonl:14: id `a` is that of line 1 already; give each item an id of its own\n"
            "m.jsonl:14: output `a.wav/n.wav` lies in `a.wav`, which is the file of line 1; rename "
            "one of them");
}

class HostileManifest : public ::testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(HostileManifest, IsRefusedWithItsReason) {
  EXPECT_THAT(problems(GetParam().first), HasSubstr(GetParam().second));
}

INSTANTIATE_TEST_SUITE_P(
    Catalogue, HostileManifest,
    ::testing::Values(
        std::pair("", "holds no item"), std::pair("\n\n", "holds no item"),
        std::pair("{\"input\": \"a\\u0000.wav\"}", "zero byte"),
        std::pair("{\"input\": \"a.wav\", \"output\": \"a\\u0000.wav\"}", "zero byte"),
        std::pair("{\"input\": \"\xFF.wav\"}", "is no JSON object"),
        std::pair("{\"input\": \"a.wav\", \"seconds\": -1}", "0 to 10000000"),
        std::pair("{\"input\": \"a.wav\", \"seconds\": 1e999}", "is no JSON object"),
        std::pair("{\"input\": \"a.wav\", \"seconds\": NaN}", "is no JSON object"),
        std::pair("{\"input\": \"a.wav\", \"seconds\": true}", "neither text nor a number"),
        std::pair("{\"input\": {\"input\": \"a.wav\"}}", "is an object"),
        std::pair("{\"input\": \"a.wav\", \"ceiling_dbtp\": 0.5}", "-60 to 0 are possible"),
        std::pair("null", "is no JSON object"), std::pair("{}", "has no input"),
        std::pair("{\"input\": \"a.wav\"} {}", "is no JSON object"),
        std::pair("{\"input\": \"a.wav\", \"output\": \"x/../../a.wav\"}", "leaves"),
        std::pair("{\"input\": \"a.wav\", \"output\": \"x/\"}", "names a folder"),
        std::pair("{\"input\": \"a.wav\", \"output\": \".\"}", "names no file"),
        std::pair("{\"input\": \"a.wav\", \"output\": \"" + std::string(251, 'x') + ".wav\"}",
                  "255 bytes; 250 are possible"),
        std::pair("{\"input\": \"" + std::string(2 << 20, 'x') + "\"}", "longer than 1 MiB"),
        std::pair(std::string(100000, '['), "is no JSON object")));

TEST(Manifest, ListsAThousandProblemsAndCountsTheRest) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "{}\n";
  const std::string what = problems(text);
  EXPECT_EQ(std::count(what.begin(), what.end(), '\n'), 999);
  EXPECT_THAT(what, HasSubstr("\nm.jsonl: 99001 more problems are not listed"));
}

TEST(Manifest, RefusesWhatIsNoManifestByItsName) {
  const TemporaryFolder folder;
  folder.write("m.yaml", "");
  EXPECT_THROW(read_manifest(folder.path() / "m.yaml"), CatalogueError);
  EXPECT_THROW(read_manifest(folder.path()), CatalogueError);
  EXPECT_THROW(read_manifest(folder.path() / "gone.jsonl"), IoError);
  std::filesystem::create_directory(folder.path() / "x.jsonl");
  EXPECT_THROW(read_manifest(folder.path() / "x.jsonl"), IoError);
}

TEST(Manifest, WritesLinesThatReadBack) {
  const TemporaryFolder folder;
  CatalogueItem item;
  item.id = "it's \"one\"\n";
  item.album = "Größe";
  item.input = folder.path() / "in/a b.wav";
  item.output = "in/a b.flac";
  item.seconds = 1.25;
  item.ceiling_dbtp = -1;
  const std::string line = manifest_line(item, folder.path());
  EXPECT_EQ(line,
            "{\"id\":\"it's \\\"one\\\"\\n\",\"album\":\"Größe\",\"input\":\"in/a b.wav\","
            "\"output\":\"in/a b.flac\",\"seconds\":1.25,\"ceiling_dbtp\":-1.0}\n");
  folder.write("m.jsonl", line);
  const CatalogueItem back = read_manifest(folder.path() / "m.jsonl").items.at(0);
  EXPECT_EQ(back.id, item.id);
  EXPECT_EQ(back.input, item.input);
  EXPECT_EQ(back.seconds, 1.25);
  item.input = "/else/\xFF.wav";
  EXPECT_THROW(manifest_line(item, folder.path()), CatalogueError);
}

}  // namespace
}  // namespace tutti::test
