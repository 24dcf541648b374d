// SPDX-License-Identifier: Apache-2.0
// render and its folders, its records, and what it says of what it did not do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/run_program.hpp"
#include "tests/cli/temporary_folder.hpp"

namespace tutti::test {
namespace {

using Json = nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

namespace fs = std::filesystem;

class RenderFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.write("a.wav", wav_bytes(noise(0.1, 4 * 48000), 1, 48000));
    folder_.write("b.wav", wav_bytes(sine(440, 0.2, 4, 2), 2, 48000));
    folder_.write("mix.yaml", kSession);
  }

  ProgramResult run(std::vector<std::string> arguments) {
    return tutti_program(std::move(arguments), folder_.path());
  }
  ProgramResult render(std::vector<std::string> more = {},
                       const std::string& session = "mix.yaml") {
    more.insert(more.begin(), {"render", session, "-o", "out"});
    return run(std::move(more));
  }
  Json render_json(const std::string& session = "mix.yaml") {
    const ProgramResult result = render({"--json", "-"}, session);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.exit_code == 0 ? Json::parse(result.out) : Json();
  }
  std::vector<std::string> outputs() const {
    std::vector<std::string> names;
    for (const std::string& name : folder_.names())
      if (name.starts_with("out/") && !name.ends_with(".tutti-render.json"))
        names.push_back(name.substr(4));
    return names;
  }
  std::string edited(const std::string& from, const std::string& to) const {
    std::string text = kSession;
    text.replace(text.find(from), from.size(), to);
    return text;
  }

  static constexpr const char* kSession =
      "tutti: 1\n"
      "title: Small\n"
      "stems:\n"
      "  - {name: Tone, file: a.wav, gain_db: -6}\n"
      "  - {name: Wide, file: b.wav, output: Group}\n"
      "buses: [{name: Group}]\n"
      "master: {loudness: {target_lufs: -20}, limiter: {ceiling_dbtp: -1}}\n"
      "outputs:\n"
      "  - {file: mix.wav, source: mix, bit_depth: 32f}\n"
      "  - {file: master.wav, source: master}\n"
      "  - {file: \"st/{name}.wav\", source: stems}\n"
      "  - {file: \"bus {name}.wav\", source: buses}\n";

  TemporaryFolder folder_;
};

TEST_F(RenderFiles, ALongMasterSpillsIntoAFolderThatDidNotExist) {
  // 1 MiB for the kept mix: 2.7 s of it.
  const ProgramResult result = render({"--only", "master.wav", "--max-memory", "16MiB"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(outputs(), UnorderedElementsAre("master.wav"));
}

TEST_F(RenderFiles, EveryTargetIsTriedBeforeAnythingIsWritten) {
  fs::create_directories(folder_.path() / "out/master.wav");
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--overwrite"}}) {
    const ProgramResult result = render(more);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("master.wav: is a folder"));
    EXPECT_THAT(outputs(), IsEmpty());
    EXPECT_FALSE(fs::exists(folder_.path() / "out/st"));
  }
  fs::remove(folder_.path() / "out/master.wav");
  folder_.write("out/st", "a file where a folder is wanted");
  const ProgramResult blocked = render();
  EXPECT_EQ(blocked.exit_code, 2);
  EXPECT_THAT(blocked.err, HasSubstr("st/Tone.wav"));
  EXPECT_THAT(outputs(), UnorderedElementsAre("st"));
}

TEST_F(RenderFiles, AFailedRunLeavesNoFolder) {
  std::vector<float> samples = noise(0.1, 4 * 48000);
  samples[170000] = std::numeric_limits<float>::infinity();
  folder_.write("a.wav", wav_bytes(samples, 1, 48000));
  const ProgramResult result = render();
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("mix.yaml:4:24: error: a.wav: infinity at frame 170000"));
  EXPECT_THAT(result.err, HasSubstr("^^^^^"));
  EXPECT_FALSE(fs::exists(folder_.path() / "out"));
  const ProgramResult allowed = render({"--allow-non-finite"});
  EXPECT_EQ(allowed.exit_code, 0) << allowed.err;
  EXPECT_THAT(allowed.err, HasSubstr("warning: a.wav: infinity at frame 170000"));
}

TEST_F(RenderFiles, AnInterruptedRunLeavesNoFolder) {
  std::string text = "tutti: 1\nstems:\n";
  for (int stem = 0; stem < 40; ++stem) {
    text += "  - name: S" + std::to_string(stem) + "\n    clips:\n";
    for (int clip = 0; clip < 90; ++clip)
      text += "      - {file: a.wav, at: " + std::to_string(4 * clip) + "}\n";
  }
  folder_.write("long.yaml",
                text + "outputs: [{file: m.wav}, {file: \"st/{name}.wav\", source: stems}]\n");
  ProgramRun run;
  run.arguments = {"render", "long.yaml", "-o", "out/deep", "--threads", "1"};
  run.directory = folder_.path();
  run.signal = SIGTERM;
  run.signal_after_ms = 400;
  EXPECT_EQ(run_program(run).exit_code, 75);
  EXPECT_FALSE(fs::exists(folder_.path() / "out"));
}

TEST_F(RenderFiles, AFileThatMayNotGrowIsAFullDisk) {
  // An output of 1.5 MB; and a kept mix of as much, for which 16 MiB leave no room in memory.
  for (const auto& [only, memory, said] :
       {std::array{"mix.wav", "4GiB", "mix.wav: cannot be written"},
        {"master.wav", "16MiB", "can not keep the mix"}}) {
    ProgramRun run;
    run.arguments = {"render", "mix.yaml", "-o", "out", "--only", only, "--max-memory", memory};
    run.directory = folder_.path();
    run.largest_file_bytes = 100'000;
    const ProgramResult result = run_program(run);
    EXPECT_EQ(result.exit_code, 75) << result.err;
    EXPECT_THAT(result.err, HasSubstr(said));
    EXPECT_THAT(result.err, HasSubstr("File too large"));
    EXPECT_FALSE(fs::exists(folder_.path() / "out"));
  }
}

TEST_F(RenderFiles, OnlyTakesGroupsAndExpandedNames) {
  ASSERT_EQ(render({"--only", "stems"}).exit_code, 0);
  EXPECT_THAT(outputs(), UnorderedElementsAre("st/Tone.wav", "st/Wide.wav"));
  ASSERT_EQ(render({"--only", "buses"}).exit_code, 0);
  EXPECT_THAT(outputs(), Contains("bus Group.wav"));
  fs::remove_all(folder_.path() / "out");
  ASSERT_EQ(render({"--only", "st/Wide.wav"}).exit_code, 0);
  EXPECT_THAT(outputs(), UnorderedElementsAre("st/Wide.wav"));
}

TEST_F(RenderFiles, CommentsTitlesAndOtherOutputsMakeNothingStale) {
  ASSERT_EQ(render().exit_code, 0);
  folder_.write("mix.yaml", "# a remark\n" + edited("title: Small", "title: \"Large\"") +
                                "  - {file: more.flac, source: master}\n");
  const ProgramResult result = render();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(outputs(), Contains("more.flac"));
  // What the master does is nothing to the mix; what a stem does is.
  folder_.write("mix.yaml", edited("target_lufs: -20", "target_lufs: -18"));
  EXPECT_EQ(render({"--only", "mix"}).exit_code, 0);
  EXPECT_EQ(render({"--only", "master"}).exit_code, 2);
  folder_.write("mix.yaml", edited("gain_db: -6", "gain_db: -5"));
  EXPECT_EQ(render({"--only", "mix"}).exit_code, 2);
  folder_.write("mix.yaml", edited("gain_db: -6", "gain_db: -6.0"));
  EXPECT_EQ(render({"--only", "mix"}).exit_code, 0);
}

TEST_F(RenderFiles, ADamagedRecordIsNoRecord) {
  ASSERT_EQ(render({"--only", "mix"}).exit_code, 0);
  for (const char* record : {"{\"mix.wav\":{\"key\":5}}", "{\"mix.wav\":7}", "[1]", "{", ""}) {
    folder_.write("out/.tutti-render.json", record);
    const ProgramResult result = render({"--only", "mix"});
    EXPECT_EQ(result.exit_code, 2) << record;
    EXPECT_THAT(result.err, HasSubstr("--overwrite")) << record;
  }
}

TEST_F(RenderFiles, WhatWasSkippedKeepsItsFigures) {
  const Json first = render_json(), second = render_json();
  ASSERT_EQ(second["outputs"].size(), first["outputs"].size());
  for (const Json& before : first["outputs"])
    for (const Json& after : second["outputs"]) {
      if (before["file"] != after["file"]) continue;
      EXPECT_EQ(after["up_to_date"], true);
      for (const char* key : {"gain_db", "limiter_max_reduction_db", "clipped_samples", "sha256"})
        EXPECT_EQ(after[key], before[key]) << key;
    }
  EXPECT_EQ(second["duration_s"], first["duration_s"]);
  EXPECT_EQ(second["stems"], 2);
  EXPECT_TRUE(second["realtime_factor"].is_null());
  EXPECT_THAT(render().out, HasSubstr("nothing had to be rendered"));
}

TEST_F(RenderFiles, PeakMemoryIsItsOwnNotItsParents) {
  constexpr std::size_t kParentBytes = std::size_t{400} << 20;
  std::vector<char> ballast(kParentBytes, 1);
  const Json report = render_json();
  EXPECT_EQ(ballast[kParentBytes / 2], 1);
  EXPECT_GT(report["peak_memory_bytes"], 1 << 20);
  EXPECT_LT(report["peak_memory_bytes"], kParentBytes / 2);
}

TEST_F(RenderFiles, ThePlanKnowsTheMemoryLimit) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer's own memory is several times the program's";
#endif
  folder_.write("one.yaml",
                "tutti: 1\nstart: 0\nend: 200\nstems: [{name: A, file: a.wav}]\n"
                "outputs: [{file: m.wav}]\n");
  const auto planned = [&](const std::string& limit) {
    const ProgramResult plan = run({"plan", "one.yaml", "--json", "-", "--max-memory", limit});
    return Json::parse(plan.out)["memory_bytes"].get<double>();
  };
  const auto needed = [&](const std::string& limit) {
    const ProgramResult result = run({"render", "one.yaml", "-o", "out", "--json", "-", "-q",
                                      "--overwrite", "--max-memory", limit});
    return Json::parse(result.out)["peak_memory_bytes"].get<double>();
  };
  for (const std::string limit : {"64MiB", "4GiB"}) {
    EXPECT_LT(planned(limit), 2 * needed(limit)) << limit;
    EXPECT_GT(planned(limit), needed(limit) / 2) << limit;
  }
  EXPECT_GT(planned("4GiB"), 4 * planned("64MiB"));
  EXPECT_THAT(run({"plan", "one.yaml"}).out, HasSubstr("time about"));
}

TEST_F(RenderFiles, ProgressOfTheLastStageHasNoInventedSpeed) {
  std::istringstream lines(render({"--progress", "json", "-q"}).err);
  bool wrote = false;
  for (std::string line; std::getline(lines, line);) {
    const Json event = Json::parse(line);
    if (event["stage"] != "write") continue;
    wrote = true;
    EXPECT_EQ(event["total"], 5);
    EXPECT_GT(event["realtime_factor"], 0.05);  // 4 s in less than 80
  }
  EXPECT_TRUE(wrote);
}

TEST_F(RenderFiles, MissedGoalsAndClippingAreWarningsOfTheJson) {
  folder_.write("loud.wav", wav_bytes(sine(440, 3, 1), 1, 48000));
  folder_.write("loud.yaml",
                "tutti: 1\nstems: [{name: A, file: loud.wav}]\n"
                "master: {loudness: {target_lufs: -2}, limiter: {ceiling_dbtp: -20}}\n"
                "outputs: [{file: mix.wav, source: mix}, {file: m.wav}]\n");
  std::vector<std::string> codes;
  const Json report = render_json("loud.yaml");
  for (const Json& warning : report["warnings"]) codes.push_back(warning["code"]);
  EXPECT_THAT(codes, Contains("clipped"));
  EXPECT_THAT(codes, Contains("target_missed"));
}

TEST_F(RenderFiles, RefusesOptionsThatCanNotBeMeant) {
  const ProgramResult memory = render({"--max-memory", "4KiB"});
  EXPECT_EQ(memory.exit_code, 2);
  EXPECT_THAT(memory.err, HasSubstr("at least 16MiB"));
  EXPECT_EQ(render({"--range", ""}).exit_code, 2);
  EXPECT_THAT(outputs(), IsEmpty());
}

TEST_F(RenderFiles, WarnsOfWhatHasNoEffect) {
  EXPECT_THAT(render({"--range", "60..61", "--only", "mix"}).err,
              HasSubstr("warning: the range starts at 60.000 s, the last clip ends at 4.000 s"));
  folder_.write("p.yaml",
                "tutti: 1\nstems: [{name: A, file: a.wav}]\n"
                "outputs: [{file: p.wav, source: mix, preset: spotify}]\n");
  const ProgramResult preset = run({"check", "p.yaml"});
  EXPECT_EQ(preset.exit_code, 0);
  EXPECT_THAT(preset.err,
              HasSubstr("p.yaml:3:46: warning: the level and the ceiling of `spotify`"));
}

}  // namespace
}  // namespace tutti::test
