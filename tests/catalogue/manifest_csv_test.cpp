// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/catalogue/fixture.hpp"

namespace tutti::test {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string problems(const std::string& text) {
  const TemporaryFolder folder;
  return manifest_problems(folder, "m.csv", text);
}

TEST(CsvManifest, ReadsQuotesLineFeedsAndEmptyCells) {
  const TemporaryFolder folder;
  folder.write("m.csv",
               "\xEF\xBB\xBFid, input ,output,seconds,target_lufs\r\n"
               "\"a, \"\"b\"\"\",\"x\ny.wav\",a.flac,12.5,\r\n"
               ",,,,\r\n"
               "c,c.wav,c.flac,,-14");
  const Manifest manifest = read_manifest(folder.path() / "m.csv");
  ASSERT_THAT(manifest.items, SizeIs(2));
  EXPECT_EQ(manifest.items[0].id, "a, \"b\"");
  EXPECT_EQ(manifest.items[0].input, folder.path() / "x\ny.wav");
  EXPECT_EQ(manifest.items[0].seconds, 12.5);
  EXPECT_EQ(manifest.items[0].target_lufs, std::nullopt);
  EXPECT_EQ(manifest.items[0].line, 2);
  EXPECT_EQ(manifest.items[1].line, 5) << "lines of the file, not rows";
  EXPECT_EQ(manifest.items[1].target_lufs, -14);
}

TEST(CsvManifest, SaysOnceAndAtTheHeadLineThatAColumnIsUnknown) {
  EXPECT_EQ(
      problems("input,composer,seconds\na.wav,A,1\nb.wav,B,x\n"),
      "m.csv:1: unknown key `composer`; known are id, album, input, output, seconds, "
      "target_lufs and ceiling_dbtp\n"
      "m.csv:3: `seconds` is `x`, not a number; write it like -14.5, without quotes or a unit");
  EXPECT_EQ(problems("inptu,id\na.wav,1\nb.wav,2\n"),
            "m.csv:1: unknown key `inptu`; did you mean `input`?\n"
            "m.csv:1: has no column `input`; name the one with the audio files so");
}

TEST(CsvManifest, TakesSemicolonsAndTabs) {
  const TemporaryFolder folder;
  folder.write("s.csv", "input;output\na,b.wav;a.wav\n");
  folder.write("t.CSV", "input\toutput\na;b.wav\ta.wav\n");
  EXPECT_EQ(read_manifest(folder.path() / "s.csv").items.at(0).input, folder.path() / "a,b.wav");
  EXPECT_EQ(read_manifest(folder.path() / "t.CSV").items.at(0).input, folder.path() / "a;b.wav");
}

TEST(CsvManifest, ReadsWhatPythonWrites) {
  // The truth is Python's csv module, an implementation that is not ours.
  const TemporaryFolder folder;
  const std::string script =
      "import csv, sys\n"
      "rows = [['id','input','output']] + [[f'i\"{k}', f'in,{k}\\n.wav', f'o;{k}.flac']"
      " for k in range(50)]\n"
      "csv.writer(open(sys.argv[1], 'w', newline='')).writerows(rows)\n";
  folder.write("w.py", script);
  ASSERT_EQ(std::system(("python3 " + folder.file("w.py") + " " + folder.file("m.csv")).c_str()),
            0);
  const Manifest manifest = read_manifest(folder.path() / "m.csv");
  ASSERT_THAT(manifest.items, SizeIs(50));
  for (int k = 0; k < 50; ++k) {
    EXPECT_EQ(manifest.items[k].id, "i\"" + std::to_string(k));
    EXPECT_EQ(manifest.items[k].input, folder.path() / ("in," + std::to_string(k) + "\n.wav"));
    EXPECT_EQ(manifest.items[k].output, "o;" + std::to_string(k) + ".flac");
    EXPECT_EQ(manifest.items[k].line, 2 + 2 * k);
  }
}

TEST(CsvManifest, NamesEveryProblemAtItsLine) {
  EXPECT_EQ(problems("input,output,seconds\n"
                     "a.wav,a.wav,long\n"
                     "b.wav,b.wav,nan\n"
                     "c.wav,c.wav,\"1,5\"\n"
                     "d.wav,d.wav,1,2\n"
                     "\xFF.wav,e.wav,1\n"
                     "f.wav,f.wav,1e99\n"
                     "\"g.wav"),
            "m.csv:2: `seconds` is `long`, not a number; write it like -14.5, without quotes or a "
            "unit\n"
            "m.csv:3: `seconds` is nan; 0 to 10000000 are possible\n"
            "m.csv:4: `seconds` is `1,5`, not a number; write it like -14.5, without quotes or a "
            "unit\n"
            "m.csv:5: has 4 cells, the head line 3\n"
            "m.csv:6: is not UTF-8; save the table as UTF-8\n"
            "m.csv:7: `seconds` is 1e+99; 0 to 10000000 are possible\n"
            "m.csv:8: has a quote that is never closed");
  EXPECT_THAT(problems("input,input\na.wav,b.wav\n"), HasSubstr("m.csv:1: `input` stands there"));
  EXPECT_THAT(problems("input,\na.wav,\n"), HasSubstr("m.csv:1: column 2 has no name"));
  EXPECT_THAT(problems("input\n"), HasSubstr("holds no item"));
  EXPECT_THAT(problems("input\n\"" + std::string(2 << 20, 'x')), HasSubstr("never closed"));
  EXPECT_THAT(problems(std::string(5000, ',')), HasSubstr("more than 1000 columns"));
}

}  // namespace
}  // namespace tutti::test
