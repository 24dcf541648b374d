// SPDX-License-Identifier: Apache-2.0
// The runner with an engine that copies: what is skipped, redone, refused, failed, stopped.
#include "host/catalogue/run.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <mutex>

#include "host/audio/errors.hpp"
#include "host/catalogue/intent.hpp"
#include "tests/catalogue/fixture.hpp"

namespace tutti::test {
namespace {

namespace fs = std::filesystem;
using Status = ItemResult::Status;

class CatalogueRun : public ::testing::Test {
 protected:
  CatalogueRun() {
    engine_.sound_version = "1";
    engine_.plan = [this](const CatalogueItem& item) {
      return std::vector<PlannedOutput>{{out_ / item.output, settings_}};
    };
    engine_.master = [this](const std::vector<UnitItem>& unit, const std::function<void()>& unchanged) {
      return copy(unit, unchanged);
    };
  }

  std::vector<std::vector<Sidecar>> copy(const std::vector<UnitItem>& unit,
                                         const std::function<void()>& unchanged) {
    {
      const std::lock_guard lock(mutex_);  // units run beside each other
      units_.push_back(unit.size());
    }
    for (const UnitItem& item : unit)
      if (const auto trouble = trouble_.find(item.item->id); trouble != trouble_.end())
        trouble->second(item);
    unchanged();
    std::vector<std::vector<Sidecar>> sidecars;
    for (const UnitItem& item : unit) {
      const fs::path& file = item.outputs[0].file;
      if (fs::exists(file) && !item.replace[0] && hash_file(file).sha256 != item.input.sha256)
        throw IoError(file.string(), "exists", IoFault::output);
      fs::create_directories(file.parent_path());
      item.before_rename[0](item.input.sha256);
      fs::copy_file(item.item->input, file, fs::copy_options::overwrite_existing);
      Sidecar sidecar;
      const FileHash hash = hash_file(file);
      sidecar.output.sha256 = hash.sha256;
      sidecar.output.bytes = hash.bytes;
      sidecars.push_back({sidecar});
    }
    return sidecars;
  }

  CatalogueItem& add(const std::string& id, const std::string& bytes, const std::string& album = "") {
    CatalogueItem item;
    item.id = id;
    item.album = album;
    item.input = folder_.write("in/" + id, bytes);
    item.output = id + ".wav";
    manifest_.items.push_back(item);
    return manifest_.items.back();
  }

  std::map<std::string, ItemResult> run(RunOptions options = {}) {
    std::map<std::string, ItemResult> results;
    options.out = out_;
    options.on_result = [&](const CatalogueItem& item, const ItemResult& result) {
      results[item.id] = result;
    };
    summary_ = run_catalogue(manifest_, engine_, options);
    return results;
  }

  TemporaryFolder folder_;
  fs::path out_ = folder_.path() / "out";
  nlohmann::ordered_json settings_ = {{"gain", 1}};
  CatalogueEngine engine_;
  Manifest manifest_;
  RunSummary summary_;
  std::mutex mutex_;
  std::vector<std::size_t> units_;
  std::map<std::string, std::function<void(const UnitItem&)>> trouble_;
};

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

// An original that rots is not to replace a good master unnoticed; the sidecar is as of any other run.
TEST_F(CatalogueRun, TellsThatAnInputIsNotWhatItWas) {
  add("a", "one", "album");
  add("b", "two", "album");
  EXPECT_FALSE(run().at("a").input_changed);
  folder_.write("in/a", "0ne");
  trouble_["b"] = [](const UnitItem&) { throw DeviceError("lost"); };
  EXPECT_FALSE(run().at("a").input_changed) << "nothing was replaced";
  trouble_.clear();
  const auto results = run();
  EXPECT_EQ(results.at("a").status, Status::done);
  EXPECT_TRUE(results.at("a").input_changed);
  EXPECT_FALSE(results.at("b").input_changed) << "made anew for its album's sake";
  EXPECT_THAT(result_line(results.at("a")), ::testing::HasSubstr("\"input_changed\":true"));
  EXPECT_FALSE(run().at("a").input_changed);
  settings_ = {{"gain", 2}};
  EXPECT_FALSE(run().at("a").input_changed);
  const std::string again = folder_.read("out/a.wav.json");
  fs::remove_all(out_);
  run();
  EXPECT_EQ(folder_.read("out/a.wav.json"), again);
}

// A writer that was killed between an output and its sidecar has left a note of what it was about to
// put there: then it is its own. Without, it is somebody's, even if it has the very bytes.
TEST_F(CatalogueRun, KnowsItsOwnAfterAKillAndRefusesOthers) {
  add("a", "one");
  run();
  fs::remove(sidecar_path(out_ / "a.wav"));
  const ItemResult refused = run().at("a");
  EXPECT_EQ(refused.status, Status::failed);
  EXPECT_EQ(refused.kind, "output_refused");
  EXPECT_FALSE(refused.retriable);
  EXPECT_EQ(units_.size(), 1u) << "told before any work";
  const fs::path note = catalogue::intent_path(out_ / "a.wav");
  catalogue::write_intent(out_ / "a.wav", hash_file(out_ / "a.wav").sha256);
  EXPECT_EQ(run().at("a").status, Status::done);
  EXPECT_FALSE(fs::exists(note));
  fs::remove(sidecar_path(out_ / "a.wav"));
  catalogue::write_intent(out_ / "a.wav", hash_file(out_ / "a.wav").sha256);
  std::ofstream(out_ / "a.wav") << "mine";
  EXPECT_EQ(run().at("a").status, Status::failed);
  RunOptions overwriting;
  overwriting.overwrite = true;
  EXPECT_EQ(run(overwriting).at("a").status, Status::done);
}

TEST_F(CatalogueRun, ADamagedSidecarIsMadeAnewWhenAskedTo) {
  add("a", "one");
  run();
  const std::string whole = folder_.read("out/a.wav.json");
  folder_.write("out/a.wav.json", whole.substr(0, 200));
  const ItemResult refused = run().at("a");
  EXPECT_EQ(refused.kind, "output_refused");
  EXPECT_THAT(refused.message, ::testing::HasSubstr("sidecar beside it is damaged"));
  EXPECT_THAT(refused.message, ::testing::HasSubstr("--overwrite"));
  RunOptions overwriting;
  overwriting.overwrite = true;
  EXPECT_EQ(run(overwriting).at("a").status, Status::done);
  EXPECT_EQ(folder_.read("out/a.wav.json"), whole);
  folder_.write("out/a.wav.json", "{\"my\": \"notes\"}");
  EXPECT_EQ(run(overwriting).at("a").status, Status::failed) << "somebody's own";
  EXPECT_EQ(folder_.read("out/a.wav.json"), "{\"my\": \"notes\"}");
}

// --overwrite gives up an output, not what somebody keeps at its sidecar's name: nothing is touched then.
TEST_F(CatalogueRun, OverwritesNothingWhereTheSidecarsNameIsTaken) {
  add("a", "one", "album");
  add("b", "two", "album");
  folder_.write("out/a.wav", "mine");
  folder_.write("out/a.wav.json", "{\"my\": \"notes\"}");
  folder_.write("out/b.wav", "mine too");
  const auto before = folder_.names();
  for (const bool overwrite : {false, true}) {
    RunOptions options;
    options.overwrite = overwrite;
    const auto results = run(options);
    EXPECT_EQ(results.at("a").kind, "output_refused");
    EXPECT_THAT(results.at("a").message, ::testing::HasSubstr("move it away"));
    EXPECT_EQ(results.at("b").kind, "album_incomplete");
    EXPECT_TRUE(units_.empty()) << "told before any work";
    EXPECT_EQ(folder_.read("out/a.wav"), "mine");
    EXPECT_EQ(folder_.read("out/b.wav"), "mine too");
    EXPECT_EQ(folder_.names(), before) << "no note is left";
  }
}

// A note of ours takes nobody's name, whatever somebody calls his files, and fits beside the longest.
TEST_F(CatalogueRun, ItsNotesTakeNobodysName) {
  const std::string longest(246, 'x');  // and ".wav"
  add("a", "one");
  add(longest, "two");
  for (const char* name : {"out/a.wav.json.next", "out/a.wav.next", "out/.a.wav.next"})
    folder_.write(name, "mine");
  run();
  settings_ = {{"gain", 2}};
  EXPECT_EQ(run().at(longest).status, Status::done);
  for (const char* name : {"out/a.wav.json.next", "out/a.wav.next", "out/.a.wav.next"})
    EXPECT_EQ(folder_.read(name), "mine");
  EXPECT_EQ(std::distance(fs::directory_iterator(out_), {}), 4 + 3) << "no note is left";
}

TEST_F(CatalogueRun, AnAlbumIsNotHalfReplaced) {
  add("a", "one", "album");
  add("b", "two", "album");
  run();
  std::ofstream(out_ / "b.wav") << "edited";
  settings_ = {{"gain", 2}};
  EXPECT_EQ(run().at("a").status, Status::failed);
  EXPECT_EQ(units_.size(), 1u);
  std::ifstream in(out_ / "a.wav");
  std::string kept;
  std::getline(in, kept);
  EXPECT_EQ(kept, "one");
}

TEST_F(CatalogueRun, AnInputIsNeverAnOutputWhateverItIsCalled) {
  add("a.wav", "one").output = "a.wav";
  fs::remove_all(out_);
  fs::create_directory_symlink(folder_.path() / "in", out_);
  RunOptions overwriting;
  overwriting.overwrite = true;
  EXPECT_EQ(run(overwriting).at("a.wav").kind, "output_refused");
  EXPECT_TRUE(units_.empty());
}

TEST_F(CatalogueRun, HashesOutputsWhenAskedTo) {
  add("a", "one");
  run();
  std::ofstream(out_ / "a.wav") << "eno";  // as long
  EXPECT_EQ(run().at("a").status, Status::skipped);
  RunOptions full;
  full.full_hash = true;
  EXPECT_EQ(run(full).at("a").status, Status::failed) << "an edited output is not replaced";
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
