// SPDX-License-Identifier: Apache-2.0
// The mastering job where there is no room for its files, or no right to write them.
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/cli/master_program.hpp"

namespace tutti::test {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(MasterProgram, AFullDiskAsksToBeRunAgain) {
  if (::geteuid() != 0) GTEST_SKIP() << "mounting a small file system needs root";
  write_catalogue(20);
  ASSERT_EQ(master("whole").exit_code, 0);
  const std::string small = folder_.file("small");
  std::filesystem::create_directory(small);
  if (::mount("none", small.c_str(), "tmpfs", 0, "size=256k") != 0)
    GTEST_SKIP() << "no tmpfs can be mounted here";
  const ProgramResult full = master("small/out", {"--json", "r.json"});
  EXPECT_EQ(full.exit_code, 75) << full.err;
  EXPECT_THAT(folder_.read("r.json"), HasSubstr("exhausted"));
  ::mount("none", small.c_str(), "tmpfs", MS_REMOUNT, "size=64m");
  const ProgramResult again = master("small/out");
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(contents("small/out") == contents("whole"));
  ::umount(small.c_str());
}

// `ulimit -f` is a disk that is full for some files.
TEST_F(MasterProgram, AFileThatMayNotGrowAsksToBeRunAgain) {
  folder_.write("in/long.wav", wav_bytes(noise(0.1, 2 * 48000, 1), 2, 8000));
  folder_.write("in/short.wav", wav_bytes(noise(0.1, 2 * 4800, 2), 2, 8000));
  ProgramRun limited;
  limited.arguments = {"master", "in",      "-o",  "out",    "--target", "-16", "--device",
                       "cpu",    "--album", "off", "--json", "-",        "-q"};
  limited.directory = folder_.path();
  limited.largest_file_bytes = 100'000;  // of 288 kB and 29 kB in 24 bit
  const ProgramResult result = run_program(limited);
  EXPECT_EQ(result.exit_code, 75) << result.err;
  EXPECT_THAT(result.err, HasSubstr("long.wav: cannot be written: File too large"));
  EXPECT_THAT(result.out, HasSubstr("\"exhausted\""));
  std::vector<std::string> names;
  for (const auto& [name, bytes] : contents("out")) names.push_back(name);
  // A full disk stops the job: the short one may have been done by then.
  EXPECT_THAT(names, AnyOf(IsEmpty(), ElementsAre("short.wav", "short.wav.json")));
  EXPECT_EQ(master("out", {"--album", "off"}).exit_code, 0);
  EXPECT_EQ(contents("out").size(), 4u);
}

TEST_F(MasterProgram, AnUnwritableFolderFailsForGood) {
  write_catalogue(3);
  folder_.write("out/0", "a file stands where a folder is needed");
  const ProgramResult result = master("out", {"--json", "r.json"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(folder_.read("r.json"), HasSubstr("output_refused"));
  EXPECT_EQ(folder_.read("out/0"), "a file stands where a folder is needed");
}

}  // namespace
}  // namespace tutti::test
