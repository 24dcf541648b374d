// SPDX-License-Identifier: Apache-2.0
// What killed runs leave, and what is left alone.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>

#include "host/io/encode.hpp"
#include "host/io/temporaries.hpp"
#include "tests/io/test_files.hpp"

namespace tutti::test {
namespace {

namespace fs = std::filesystem;

WriteSpec spec_of(const fs::path& path) {
  WriteSpec spec;
  spec.path = path;
  return spec;
}

TEST(Temporaries, OfAKilledProcessAreRemovedThoseOfALivingOneStay) {
  const TemporaryFolder folder;
  const auto living = open_writer(spec_of(folder / "living.wav"));
  const pid_t child = fork();
  if (child == 0) {
    const auto killed = open_writer(spec_of(folder / "killed.wav"));
    _exit(0);  // no destructor runs, as when it is killed
  }
  waitpid(child, nullptr, 0);
  ASSERT_EQ(folder.entries(), 2);
  io::remove_abandoned_temporaries(folder.path());
  EXPECT_EQ(folder.entries(), 1);
  living->commit();
  EXPECT_TRUE(fs::exists(folder / "living.wav"));
}

TEST(Temporaries, OfAnotherMachineStayForAWeek) {
  const TemporaryFolder folder;
  const fs::path foreign = folder.save(".tutti-0123456789abcdef-00000001-00000002.part", "x");
  io::remove_abandoned_temporaries(folder.path());
  EXPECT_TRUE(fs::exists(foreign));
  fs::last_write_time(foreign, fs::file_time_type::clock::now() - std::chrono::hours(8 * 24));
  io::remove_abandoned_temporaries(folder.path());
  EXPECT_FALSE(fs::exists(foreign));
}

TEST(Temporaries, NothingElseIsTouched) {
  const TemporaryFolder folder;
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(1000);
  for (const char* name : {"x.part", ".tutti-mine.part", ".tutti-1-2-3.part", ".tutti-render.json",
                           ".tutti-0123456789abcdef-00000001-00000002.part.wav"})
    fs::last_write_time(folder.save(name, "precious"), old);
  fs::create_directory(folder / ".tutti-0123456789abcdef-00000001-00000003.part");
  const int before = folder.entries();
  io::remove_abandoned_temporaries(folder.path());
  io::remove_abandoned_temporaries(folder / "not there");
  EXPECT_EQ(folder.entries(), before);
}

TEST(CreatedFolders, GoWhenNothingCameIntoThem) {
  const TemporaryFolder folder;
  {
    io::CreatedFolders created;
    EXPECT_EQ(created.create(folder / "a/b/c"), 0);
    EXPECT_EQ(created.create(folder / "a/d"), 0);
    folder.save("a/d/file", "x");
    EXPECT_NE(created.create(folder / "a/d/file/e"), 0);
  }
  EXPECT_FALSE(fs::exists(folder / "a/b"));
  EXPECT_TRUE(fs::exists(folder / "a/d/file"));
  EXPECT_TRUE(fs::exists(folder / "a"));
}

}  // namespace
}  // namespace tutti::test
