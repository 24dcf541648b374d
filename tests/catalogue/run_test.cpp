// SPDX-License-Identifier: Apache-2.0
// What a run does, skips, redoes, fails and leaves when it is stopped.
#include <gmock/gmock.h>

#include "tests/catalogue/run_fixture.hpp"

namespace tutti::test {
namespace {

namespace fs = std::filesystem;
using Status = ItemResult::Status;

TEST_F(CatalogueRun, DoesSkipsAndRedoes) {
  add("a", "one");
  add("b", "two");
  EXPECT_EQ(run().at("a").status, Status::done);
  EXPECT_EQ(run().at("a").status, Status::skipped);
  folder_.write("in/a", "other");
  auto results = run();
  EXPECT_EQ(results.at("a").status, Status::done);
  EXPECT_EQ(results.at("b").status, Status::skipped);
  settings_ = {{"gain", 2}};
  EXPECT_EQ(run().at("b").status, Status::done);
  engine_.sound_version = "2";
  EXPECT_EQ(run().at("b").status, Status::done);
}

// What was taken although it is damaged is not taken in silence by a run that was not told to.
TEST_F(CatalogueRun, ADamagedInputCountsOnlyWhereItIsAllowed) {
  add("a", "one");
  add("b", "two");
  findings_["a"] = {{"truncated", "is cut", ""}};
  findings_["b"] = {{"silence", "no loudness can be measured", ""}};
  RunOptions allowed;
  allowed.allow_damaged = true;
  EXPECT_EQ(run(allowed).at("a").status, Status::done);
  EXPECT_EQ(run(allowed).at("a").status, Status::skipped);
  trouble_["a"] = [](const UnitItem& item) { throw IoError(item.item->input.string(), "is cut"); };
  const auto results = run();
  EXPECT_EQ(results.at("a").kind, "input_unreadable");
  EXPECT_EQ(results.at("b").status, Status::skipped);
  EXPECT_TRUE(fs::exists(out_ / "a.wav")) << "what is there stays";
  EXPECT_EQ(run(allowed).at("a").status, Status::skipped);
}

TEST_F(CatalogueRun, FailuresHaveAKindAndStopNothing) {
  for (const char* id : {"a", "b", "c", "d", "e"}) add(id, id);
  trouble_["a"] = [](const UnitItem& item) { throw IoError(item.item->input.string(), "damaged"); };
  trouble_["b"] = [](const UnitItem&) { throw IoError("x", "disk full", IoFault::exhausted); };
  trouble_["c"] = [](const UnitItem&) { throw DeviceError("lost"); };
  trouble_["d"] = [this](const UnitItem&) { folder_.write("in/d", "changed while it is read"); };
  manifest_.items[4].input = folder_.path() / "gone";
  const auto results = run();
  EXPECT_EQ(results.at("a").kind, "input_unreadable");
  EXPECT_FALSE(results.at("a").retriable);
  EXPECT_TRUE(results.at("b").retriable);
  EXPECT_EQ(results.at("c").kind, "device_failed");
  EXPECT_TRUE(results.at("c").retriable);
  EXPECT_TRUE(results.at("d").retriable);
  EXPECT_THAT(results.at("d").message, ::testing::HasSubstr("changed"));
  EXPECT_EQ(results.at("e").kind, "input_unreadable");
  EXPECT_EQ(summary_.failed, 5);
  EXPECT_EQ(summary_.retriable, 3);
  EXPECT_FALSE(fs::exists(out_ / "d.wav"));
}

TEST_F(CatalogueRun, AnAlbumIsOneUnitAndFailsAsOne) {
  add("a", "one", "album");
  add("x", "alone");
  add("b", "two", "album");
  trouble_["b"] = [](const UnitItem& item) { throw IoError(item.item->input.string(), "damaged"); };
  const auto results = run();
  EXPECT_EQ(results.at("x").status, Status::done);
  EXPECT_EQ(results.at("b").kind, "input_unreadable");
  EXPECT_EQ(results.at("a").kind, "album_incomplete");
  EXPECT_THAT(results.at("a").message, ::testing::HasSubstr("in/b"));
  trouble_.clear();
  run();
  EXPECT_EQ(units_.back(), 2u);
  // Another track of the album is another gain for all of it.
  folder_.write("in/b", "three");
  EXPECT_EQ(run().at("a").status, Status::done);
}

TEST_F(CatalogueRun, AStopLeavesTheRestToTheNextRun) {
  for (int i = 0; i < 10; ++i) add("i" + std::to_string(i), "x");
  std::atomic<bool> stop = false;
  trouble_["i4"] = [&](const UnitItem&) {
    stop = true;
    throw Cancelled();
  };
  RunOptions options;
  options.stop = &stop;
  EXPECT_EQ(run(options).size(), 4u);
  EXPECT_TRUE(summary_.stopped);
  trouble_.clear();
  stop = false;
  const auto results = run(options);
  EXPECT_EQ(results.size(), 10u);
  EXPECT_EQ(summary_.skipped, 4);
  EXPECT_EQ(summary_.done, 6);
}

TEST_F(CatalogueRun, ShardsDoEveryItemOnce) {
  for (int i = 0; i < 50; ++i) add("i" + std::to_string(i), "x").seconds = i;
  int done = 0;
  for (int shard = 0; shard < 4; ++shard) {
    RunOptions options;
    options.shard = {shard, 4};
    options.jobs = 3;
    done += static_cast<int>(run(options).size());
    EXPECT_EQ(summary_.skipped, 0);
  }
  EXPECT_EQ(done, 50);
}

}  // namespace
}  // namespace tutti::test
