// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/shards.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace tutti::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Manifest manifest_of(const std::vector<std::pair<std::string, double>>& albums_and_seconds) {
  Manifest manifest;
  for (const auto& [album, seconds] : albums_and_seconds) {
    CatalogueItem item;
    item.album = album;
    item.seconds = seconds;
    manifest.items.push_back(item);
  }
  return manifest;
}

TEST(Shards, GiveTheLongestToTheLeastLoaded) {
  // By hand: 9 → 0, 7 → 1, 6 → 2, 5 → 2 (6 is least), 4 → 1 (7), 2 → 0 (9): loads 11, 11, 11.
  EXPECT_THAT(
      shard_of_items(manifest_of({{"", 2}, {"", 9}, {"", 5}, {"", 7}, {"", 4}, {"", 6}}), 3),
      ElementsAre(0, 0, 2, 1, 1, 2));
}

TEST(Shards, KeepAlbumsWhole) {
  // A is 3 + 3, B is 5, the lone ones 4 and 1: A → 0, B → 1, 4 → 1 (5), 1 → 0 (6).
  EXPECT_THAT(shard_of_items(manifest_of({{"A", 3}, {"B", 5}, {"", 4}, {"A", 3}, {"", 1}}), 2),
              ElementsAre(0, 1, 1, 0, 0));
}

TEST(Shards, BreakTiesByOrder) {
  EXPECT_THAT(shard_of_items(manifest_of({{"", 1}, {"", 1}, {"", 1}, {"", 1}}), 3),
              ElementsAre(0, 1, 2, 0));
}

TEST(Shards, TakeTheMeanForALengthThatIsNotKnown) {
  // Known are 10 and 2: each unknown one counts 6. 10 → 0, 6 → 1, 6 → 1 (6 < 10), 2 → 0.
  EXPECT_THAT(shard_of_items(manifest_of({{"", 0}, {"", 10}, {"", 0}, {"", 2}}), 2),
              ElementsAre(1, 0, 1, 0));
}

TEST(Shards, LeaveSomeEmptyWhenThereAreMoreThanItems) {
  EXPECT_THAT(shard_of_items(manifest_of({{"", 1}}), 5), ElementsAre(0));
  EXPECT_THAT(shard_of_items(Manifest{}, 5), ElementsAre());
}

class ShardText : public ::testing::Test {
 protected:
  ShardText() { clear(); }
  ~ShardText() override { clear(); }
  static void clear() {
    for (const char* name : {"SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX",
                             "AWS_BATCH_JOB_ARRAY_INDEX", "SGE_TASK_ID", "PARALLEL_SEQ"})
      unsetenv(name);
  }
  static std::string problem(const char* text) {
    try {
      parse_shard(text);
    } catch (const CatalogueError& error) {
      return error.what();
    }
    return {};
  }
};

TEST_F(ShardText, IsIndexAndCount) {
  const ShardChoice choice = parse_shard("3/12");
  EXPECT_EQ(choice.index, 3);
  EXPECT_EQ(choice.count, 12);
  EXPECT_EQ(problem("0/1"), "");
  EXPECT_THAT(problem("12/12"), HasSubstr("there is no shard 12 of 12; shards count from 0"));
  for (const char* text : {"", "/", "3", "3/", "/3", "-1/3", "1/-3", "1/0", "1/2/3", " 1/2", "1/2 ",
                           "0x1/2", "1.0/2", "1/99999999999", "1/100001"})
    EXPECT_NE(problem(text), "") << text;
}

TEST_F(ShardText, TakesTheIndexFromTheEngine) {
  EXPECT_THAT(problem("env/12"), HasSubstr("no batch engine has set an index"));
  setenv("SLURM_ARRAY_TASK_ID", "7", 1);
  EXPECT_EQ(parse_shard("env/12").index, 7);
  setenv("SGE_TASK_ID", "undefined", 1);
  EXPECT_EQ(parse_shard("env/12").index, 7);
  setenv("PARALLEL_SEQ", "8", 1);
  EXPECT_EQ(parse_shard("env/12").index, 7) << "counts from 1, so it says the same";
  setenv("PARALLEL_SEQ", "3", 1);
  EXPECT_THAT(problem("env/12"), HasSubstr("SLURM_ARRAY_TASK_ID says shard 7 and PARALLEL_SEQ"));
  clear();
  setenv("SGE_TASK_ID", "0", 1);
  EXPECT_THAT(problem("env/12"), HasSubstr("SGE_TASK_ID is `0`, which is no index"));
  clear();
  setenv("JOB_COMPLETION_INDEX", "12", 1);
  EXPECT_THAT(problem("env/12"), HasSubstr("there is no shard 12"));
  setenv("JOB_COMPLETION_INDEX", "-1", 1);
  EXPECT_NE(problem("env/12"), "");
}

}  // namespace
}  // namespace tutti::test
