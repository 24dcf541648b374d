// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/bag.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "host/catalogue/errors.hpp"
#include "host/io/temporaries.hpp"
#include "tests/catalogue/fixture.hpp"

namespace tutti::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

BagOptions options() {
  BagOptions options;
  options.software = "tutti 0";
  options.description = "Two\nlines";
  return options;
}

TEST(Bag, IsTheFilesOfRfc8493) {
  const TemporaryFolder folder;
  add_output(folder, "disc 1/a", "1234");
  folder.write("out/notes.txt", "not an output");
  const BagContent content = write_bag(folder.path() / "out", folder.path() / "bag", options());
  EXPECT_EQ(folder.read("bag/bagit.txt"),
            "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
  const std::string sidecar = folder.read("out/disc 1/a.flac.json");
  EXPECT_EQ(folder.read("bag/bag-info.txt"),
            "Bag-Software-Agent: tutti 0\nExternal-Description: Two\xEF\xBF\xBDlines\n"
            "Payload-Oxum: " +
                std::to_string(4 + sidecar.size()) + ".2\n");
  EXPECT_EQ(content.files, 2u);
  EXPECT_EQ(folder.read("bag/data/disc 1/a.flac"), "1234");
  EXPECT_EQ(folder.read("bag/data/disc 1/a.flac.json"), sidecar);
  EXPECT_THAT(folder.read("bag/manifest-sha256.txt"),
              StartsWith("03ac674216f3e15c761ee1a5e255f067953623c8b388b4459e13f978d7c846f4  "
                         "data/disc 1/a.flac\n"));
  std::vector<std::string> names = folder.names();
  EXPECT_EQ(std::count_if(names.begin(), names.end(),
                          [](const std::string& name) { return name.starts_with("bag/"); }),
            6);
}

TEST(Bag, IsWhatSha256sumExpects) {
  const TemporaryFolder folder;
  for (int i = 0; i < 20; ++i)
    add_output(folder, "a " + std::to_string(i), std::string(1000 * i, 'x'));
  write_bag(folder.path() / "out", folder.path() / "bag", options());
  for (const char* list : {"manifest-sha256.txt", "tagmanifest-sha256.txt"})
    EXPECT_EQ(
        std::system(
            ("cd " + folder.file("bag") + " && sha256sum --strict --quiet -c " + list).c_str()),
        0);
}

TEST(Bag, EncodesWhatWouldBreakALine) {
  EXPECT_EQ(bag_path("data/50% \r\n.wav"), "data/50%25 %0D%0A.wav");
  EXPECT_EQ(bag_path("data/Größe \\ \"1\".wav"), "data/Größe \\ \"1\".wav");
  const TemporaryFolder folder;
  add_output(folder, "a\nb%", "1234");
  write_bag(folder.path() / "out", folder.path() / "bag", {});
  EXPECT_THAT(folder.read("bag/manifest-sha256.txt"), HasSubstr("  data/a%0Ab%25.flac\n"));
}

// Read back by a check that was written from the RFC and shares nothing with the writer.
TEST(Bag, IsValidWhateverItsFilesAreCalled) {
  const TemporaryFolder folder;
  const auto check = [&] {
    return std::system(("python3 " TUTTI_SOURCE_DIR "/tests/catalogue/check_bag.py '" +
                        folder.file("bag") + "' >'" + folder.file("said") + "'")
                           .c_str());
  };
  for (const char* id : {"100%", "100%25", "%0A", "a\nb", "c\r\nd", " two  spaces ", "*star", "\\back",
                         "Größe/\"1\""})
    add_output(folder, id, std::string("bytes of ") + id);
  write_bag(folder.path() / "out", folder.path() / "bag", options());
  EXPECT_EQ(check(), 0) << folder.read("said");
  EXPECT_THAT(folder.read("said"), HasSubstr("18 payload files"));
  // It does see a name that is not encoded.
  std::string list = folder.read("bag/manifest-sha256.txt");
  list.replace(list.find("100%2525"), 8, "100%25");
  folder.write("bag/manifest-sha256.txt", list);
  EXPECT_NE(check(), 0);
}

TEST(Bag, HoldsTheSameBytesEveryTime) {
  const TemporaryFolder folder;
  add_output(folder, "b", "1");
  add_output(folder, "a", "2");
  write_bag(folder.path() / "out", folder.path() / "one", options());
  write_bag(folder.path() / "out", folder.path() / "two/", options());
  EXPECT_EQ(std::system(("diff -r " + folder.file("one") + " " + folder.file("two")).c_str()), 0);
}

TEST(Bag, AppearsWholeOrNotAtAll) {
  const TemporaryFolder folder;
  add_output(folder, "a", "1234");
  add_output(folder, "b", "1234");
  const auto refused = [&](const char* bag) {
    try {
      write_bag(folder.path() / "out", folder.path() / bag, {});
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string("was written");
  };
  folder.write("out/b.flac", "1235");
  EXPECT_THAT(refused("bag"), HasSubstr("--verify full --overwrite"));
  folder.write("out/b.flac", "12345");
  EXPECT_THAT(refused("bag"), HasSubstr("is missing, or not as long as its sidecar says"));
  const std::string sidecar = folder.read("out/b.flac.json");
  folder.write("out/b.flac.json", sidecar.substr(0, 100));
  EXPECT_THAT(refused("bag"), HasSubstr("b.flac.json: is no sidecar of ours: it is not JSON; "
                                "render again with --overwrite"));
  folder.write("out/b.flac.json", std::string(512, '\0') + sidecar.substr(512));
  EXPECT_THAT(refused("bag"), HasSubstr("move it away, then render again with --overwrite"));
  folder.write("out/b.flac.json", sidecar);
  fs::create_directory(folder.path() / "taken");
  EXPECT_THAT(refused("taken"), HasSubstr("exists already"));
  EXPECT_THAT(refused("out/bag"), HasSubstr("lies in the output folder"));
  EXPECT_THAT(refused("no/such/bag"), HasSubstr("can not be made there"));
  const std::atomic<bool> stop{true};
  BagOptions stopped;
  stopped.stop = &stop;
  fs::remove(folder.path() / "out/b.flac.json");
  EXPECT_THROW(write_bag(folder.path() / "out", folder.path() / "bag", stopped), Cancelled);
  std::vector<std::string> left;
  for (const auto& entry : fs::directory_iterator(folder.path()))
    left.push_back(entry.path().filename().string());
  std::sort(left.begin(), left.end());
  EXPECT_THAT(left, ElementsAre("out", "taken"));
  fs::create_directory(folder.path() / "empty");
  EXPECT_THROW(write_bag(folder.path() / "empty", folder.path() / "bag", {}), CatalogueError);
}

TEST(Bag, SweepsUpAfterOneThatWasKilled) {
  const TemporaryFolder folder;
  add_output(folder, "a", "1234");
  // The name that a process which is gone has made itself.
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    folder.write(io::temporary_name() + "/data/a.flac", "half");
    ::_exit(0);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  const std::string own = io::temporary_name();
  folder.write(own + "/data/a.flac", "at work");
  write_bag(folder.path() / "out", folder.path() / "bag", {});
  std::vector<std::string> left;
  for (const auto& entry : fs::directory_iterator(folder.path()))
    left.push_back(entry.path().filename().string());
  EXPECT_THAT(left, testing::UnorderedElementsAre("out", "bag", own));
}

}  // namespace
}  // namespace tutti::test
