// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/gc.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/catalogue/intent.hpp"
#include "host/io/temporaries.hpp"
#include "tests/catalogue/fixture.hpp"

namespace tutti::test {
namespace {

namespace fs = std::filesystem;
using ::testing::UnorderedElementsAre;

TEST(Gc, RemovesOldTemporariesAndNothingElse) {
  const TemporaryFolder folder;
  const std::string old_name = "out/x/" + io::temporary_name();
  const std::string young_name = "out/x/" + io::temporary_name();
  const std::vector<std::string> others = {"out/x/a.flac",
                                           "out/x/a.flac.json",
                                           "out/x/.tutti-render.json",
                                           "out/x/.tutti-1.part",
                                           "out/x/.tutti-0123456789abcdef-01234567-0123456g.part",
                                           "out/x/tutti-0123456789abcdef-01234567-01234567.part"};
  for (const std::string& name : others) folder.write(name, "x");
  folder.write(old_name, "four");
  folder.write(young_name, "x");
  fs::create_symlink("a.flac", folder.path() / "out/x" / io::temporary_name());
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(25);
  for (const std::string& name : others) fs::last_write_time(folder.path() / name, old);
  fs::last_write_time(folder.path() / old_name, old);

  const fs::path out = folder.path() / "out";
  const std::vector<Leftover> found = find_leftovers(out, std::chrono::hours(24));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(out / found[0].file, folder.path() / old_name);
  EXPECT_EQ(found[0].bytes, 4u);
  remove_leftovers(out, found);
  remove_leftovers(out, found);  // gone already: no error
  EXPECT_FALSE(fs::exists(folder.path() / old_name));
  EXPECT_TRUE(fs::exists(folder.path() / young_name));
  for (const std::string& name : others) EXPECT_TRUE(fs::exists(folder.path() / name)) << name;
}

/// Every file and folder of this name, as of a day and an hour ago.
void make_old(const fs::path& path) {
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(25);
  if (fs::is_directory(path))
    for (const auto& entry : fs::recursive_directory_iterator(path))
      fs::last_write_time(entry.path(), old);
  fs::last_write_time(path, old);
}

std::vector<std::string> leftovers(const TemporaryFolder& folder) {
  std::vector<std::string> names;
  for (const Leftover& leftover : find_leftovers(folder.path() / "out", std::chrono::hours(24)))
    names.push_back(leftover.file.string());
  return names;
}

TEST(Gc, SweepsNotesThatNobodyNeedsAndKeepsTheOthers) {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "out";
  const auto note = [&](const std::string& name, const std::string& bytes) {
    folder.write("bytes", bytes);
    catalogue::write_intent(out / name, hash_file(folder.path() / "bytes").sha256);
    make_old(catalogue::intent_path(out / name));
    return catalogue::intent_path(out / name).filename().string();
  };
  add_output(folder, "finished", "1234");
  folder.write("out/unfinished.flac", "1234");  // killed before its sidecar
  folder.write("out/older.flac", "1234");       // killed before its name
  const std::string finished = note("finished.flac", "1234"), gone = note("gone.flac", "1234"),
                    older = note("older.flac", "new bytes"), needed = note("unfinished.flac", "1234");
  EXPECT_THAT(leftovers(folder), UnorderedElementsAre(finished, gone, older));
  remove_leftovers(out, find_leftovers(out, std::chrono::hours(24)));
  EXPECT_TRUE(fs::exists(out / needed));
  EXPECT_TRUE(catalogue::was_intended(out / "unfinished.flac"));
  folder.write("out/.tutti-note.next", "mine");
  make_old(out / ".tutti-note.next");
  EXPECT_TRUE(leftovers(folder).empty());
}

TEST(Gc, SweepsBagsThatWereKilled) {
  const TemporaryFolder folder;
  const std::string killed = io::temporary_name(), empty = io::temporary_name(),
                    at_work = io::temporary_name();
  folder.write("out/" + killed + "/data/a.flac", "1234");
  fs::create_directory(folder.path() / "out" / empty);
  folder.write("out/" + at_work + "/data/a.flac", "1234");
  folder.write("elsewhere/mine", "mine");
  const std::string link = io::temporary_name();
  fs::create_directory_symlink(folder.path() / "elsewhere", folder.path() / "out" / link);
  for (const std::string& name : {killed, empty, at_work}) make_old(folder.path() / "out" / name);
  folder.write("out/" + at_work + "/data/b.flac", "just now");
  EXPECT_THAT(leftovers(folder), UnorderedElementsAre(killed, empty));
  remove_leftovers(folder.path() / "out", find_leftovers(folder.path() / "out", std::chrono::hours(24)));
  EXPECT_FALSE(fs::exists(folder.path() / "out" / killed));
  EXPECT_TRUE(fs::exists(folder.path() / "out" / at_work));
  EXPECT_EQ(folder.read("elsewhere/mine"), "mine");
}

}  // namespace
}  // namespace tutti::test
