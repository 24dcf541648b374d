// SPDX-License-Identifier: Apache-2.0
// render and its folders and records.
#include <gmock/gmock.h>

#include <array>
#include <csignal>
#include <limits>

#include "tests/cli/render_files.hpp"

namespace tutti::test {
namespace {

using Json = nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

namespace fs = std::filesystem;

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

}  // namespace
}  // namespace tutti::test
