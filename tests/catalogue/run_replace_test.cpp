// SPDX-License-Identifier: Apache-2.0
// What a run replaces, and what it refuses to.
#include <gmock/gmock.h>

#include "host/catalogue/intent.hpp"
#include "tests/catalogue/run_fixture.hpp"

namespace tutti::test {
namespace {

namespace fs = std::filesystem;
using Status = ItemResult::Status;

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

// Two inputs that come to one output in two runs: the first master is not lost to the second.
TEST_F(CatalogueRun, RefusesTheOutputOfAnInputOfAnotherName) {
  add("a", "one");
  run();
  const std::string first = folder_.read("out/a.wav");
  manifest_.items[0].input = folder_.write("in/other", "two");
  const ItemResult refused = run().at("a");
  EXPECT_EQ(refused.status, Status::failed);
  EXPECT_EQ(refused.kind, "output_refused");
  EXPECT_THAT(refused.message, ::testing::HasSubstr("was made of another input, a; give another -o"));
  EXPECT_EQ(folder_.read("out/a.wav"), first);
  // The same audio under another name is a renamed input.
  folder_.write("in/other", "one");
  EXPECT_EQ(run().at("a").status, Status::skipped);
  folder_.write("in/other", "two");
  RunOptions overwriting;
  overwriting.overwrite = true;
  EXPECT_EQ(run(overwriting).at("a").status, Status::done);
  EXPECT_NE(folder_.read("out/a.wav"), first);
  EXPECT_EQ(run().at("a").status, Status::skipped);
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

}  // namespace
}  // namespace tutti::test
