// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/gc.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/io/temporaries.hpp"
#include "tests/cli/temporary_folder.hpp"

namespace tutti::test {
namespace {

namespace fs = std::filesystem;

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

}  // namespace
}  // namespace tutti::test
