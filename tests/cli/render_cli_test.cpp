// SPDX-License-Identifier: Apache-2.0
// plan and render, from the command line to the files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/run_program.hpp"
#include "tests/cli/temporary_folder.hpp"

namespace tutti::test {
namespace {

using Json = nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class Render : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.write("stems/tone.wav", wav_bytes(sine(440, 0.25, 4), 1, 48000));
    folder_.write("stems/wide.wav", wav_bytes(noise(0.1, 2 * 4 * 48000), 2, 48000));
    folder_.write("mix.yaml", kSession);
  }

  ProgramResult run(std::vector<std::string> arguments) {
    return tutti_program(std::move(arguments), folder_.path());
  }

  std::vector<std::string> outputs() const {
    std::vector<std::string> names;
    for (const std::string& name : folder_.names())
      if (name.starts_with("out/") && name != "out/.tutti-render.json") names.push_back(name);
    return names;
  }

  // A session that takes seconds: 40 stems of 60 clips each.
  void write_long_session() {
    folder_.write("stems/long.wav", wav_bytes(noise(0.1, 10 * 48000), 1, 48000));
    std::string text = "tutti: 1\nstems:\n";
    for (int stem = 0; stem < 40; ++stem) {
      text += "  - name: S" + std::to_string(stem) +
              "\n    inserts: [{compressor: {threshold_db: -40, ratio: 2}}]\n    clips:\n";
      for (int clip = 0; clip < 60; ++clip)
        text += "      - {file: stems/long.wav, at: " + std::to_string(10 * clip) + "}\n";
    }
    text +=
        "outputs:\n  - {file: mix.wav, source: mix, bit_depth: 32f}\n"
        "  - {file: master.flac, source: master}\n  - {file: \"{name}.wav\", source: stems}\n";
    folder_.write("long.yaml", text);
  }

  static constexpr const char* kSession =
      "tutti: 1\n"
      "title: \"Small <session>\"\n"
      "stems:\n"
      "  - {name: Tone, file: stems/tone.wav, gain_db: -6, sends: [{to: Room, gain_db: -12}]}\n"
      "  - {name: Wide, file: stems/wide.wav}\n"
      "buses:\n"
      "  - {name: Room, inserts: [{delay: {time_ms: 120}}]}\n"
      "master:\n"
      "  loudness: {target_lufs: -20}\n"
      "  limiter: {ceiling_dbtp: -1}\n"
      "outputs:\n"
      "  - {file: mix.wav, source: mix, bit_depth: 32f}\n"
      "  - {file: master.flac, source: master, bit_depth: 16}\n";

  TemporaryFolder folder_;
};

TEST_F(Render, WritesItsOutputsAndTheirFigures) {
  const ProgramResult result =
      run({"render", "mix.yaml", "-o", "out", "--json", "out.json", "--report", "out.html"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(outputs(), UnorderedElementsAre("out/mix.wav", "out/master.flac"));
  EXPECT_THAT(result.out, HasSubstr("master.flac"));
  EXPECT_THAT(result.out, HasSubstr("x realtime"));
  const Json report = Json::parse(folder_.read("out.json"));
  EXPECT_EQ(report["stems"], 2);
  EXPECT_EQ(report["device"].get<std::string>().substr(0, 3), "cpu");
  ASSERT_EQ(report["outputs"].size(), 2u);
  EXPECT_NEAR(report["outputs"][1]["measured"]["integrated_lufs"], -20, 0.1);
  EXPECT_EQ(report["outputs"][0]["sha256"].get<std::string>().size(), 64u);
  EXPECT_THAT(folder_.read("out.html"), HasSubstr("Small &lt;session&gt;"));
  // What the program says of a file is what it measures of the file.
  const Json measured =
      Json::parse(run({"measure", "out/master.flac", "--json", "-"}).out)["files"][0];
  EXPECT_EQ(measured["integrated_lufs"], report["outputs"][1]["measured"]["integrated_lufs"]);
  EXPECT_EQ(measured["true_peak_dbtp"], report["outputs"][1]["measured"]["true_peak_dbtp"]);
}

TEST_F(Render, WritesOnlyWhatIsAskedFor) {
  ASSERT_EQ(run({"render", "mix.yaml", "-o", "out", "--only", "master"}).exit_code, 0);
  EXPECT_THAT(outputs(), ElementsAre("out/master.flac"));
}

TEST_F(Render, SkipsWhatIsUpToDateAndRefusesToReplaceTheRest) {
  ASSERT_EQ(run({"render", "mix.yaml", "-o", "out"}).exit_code, 0);
  const ProgramResult again = run({"render", "mix.yaml", "-o", "out"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("up to date"));
  const std::string before = folder_.read("out/master.flac");
  const ProgramResult other = run({"render", "mix.yaml", "-o", "out", "--solo", "Tone"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("--overwrite"));
  EXPECT_EQ(folder_.read("out/master.flac"), before);
  EXPECT_EQ(run({"render", "mix.yaml", "-o", "out", "--solo", "Tone", "--overwrite"}).exit_code, 0);
  EXPECT_NE(folder_.read("out/master.flac"), before);
}

TEST_F(Render, RendersARange) {
  const ProgramResult result =
      run({"render", "mix.yaml", "-o", "out", "--range", "1..2.5", "--json", "-"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(Json::parse(result.out)["outputs"][0]["measured"]["duration_s"], 1.5);
}

TEST_F(Render, WritesProgressAsOneObjectALine) {
  const ProgramResult result = run({"render", "mix.yaml", "-o", "out", "--progress", "json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::istringstream lines(result.err);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const Json event = Json::parse(line);
    EXPECT_EQ(event["event"], "progress");
    for (const char* key : {"stage", "done", "total", "realtime_factor", "eta_s"})
      EXPECT_TRUE(event.contains(key)) << key;
  }
  EXPECT_GE(count, 2);
}

TEST_F(Render, IsQuietWhenAsked) {
  const ProgramResult result = run({"render", "mix.yaml", "-o", "out", "-q"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, IsEmpty());
}

TEST_F(Render, FinishesWhenNobodyReadsItsTable) {
  ProgramRun run;
  run.arguments = {"render", "mix.yaml", "-o", "out"};
  run.directory = folder_.path();
  run.close_stdout_reader = true;
  EXPECT_EQ(run_program(run).exit_code, 0);
  EXPECT_EQ(outputs().size(), 2u);
}

TEST_F(Render, SaysWhenALoudnessTargetIsMissed) {
  folder_.write("stems/silence.wav", wav_bytes(std::vector<float>(48000), 1, 48000));
  folder_.write(
      "silent.yaml",
      "tutti: 1\nstart: 0\nend: 1\nstems: [{name: S, file: stems/silence.wav}]\n"
      "master: {loudness: {target_lufs: -16}}\noutputs: [{file: m.wav, source: master}]\n");
  const ProgramResult result = run({"render", "silent.yaml", "-o", "out"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("MISSED"));
  EXPECT_EQ(run({"render", "silent.yaml", "-o", "out", "--overwrite", "--strict"}).exit_code, 1);
}

TEST_F(Render, SaysWhyThereIsNoCuda) {
  ProgramRun without;
  without.arguments = {"render", "mix.yaml", "-o", "out", "--device", "cuda"};
  without.directory = folder_.path();
  without.environment = {"TUTTI_CUDA_LIBRARY=/nowhere"};
  const ProgramResult result = run_program(without);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("cuda:0 is not available: "));
  EXPECT_THAT(outputs(), IsEmpty());
}

TEST_F(Render, WritesNothingWhenASessionIsWrong) {
  std::string text = kSession;
  text.replace(text.find("stems/wide.wav"), 14, "stems/wode.wav");
  folder_.write("mix.yaml", text);
  const ProgramResult result = run({"render", "mix.yaml", "-o", "out"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("mix.yaml:5:"));
  EXPECT_THAT(result.err, HasSubstr("wode.wav"));
  EXPECT_THAT(outputs(), IsEmpty());
}

TEST_F(Render, LeavesNothingBehindWhenInterrupted) {
  write_long_session();
  for (const auto& [signal, code] : {std::pair(SIGINT, 130), std::pair(SIGTERM, 75)}) {
    ProgramRun run;
    run.arguments = {"render", "long.yaml", "-o", "out", "--threads", "1"};
    run.directory = folder_.path();
    run.signal = signal;
    run.signal_after_ms = 500;
    const ProgramResult result = run_program(run);
    EXPECT_EQ(result.exit_code, code) << result.err;
    EXPECT_THAT(result.err, HasSubstr("stopped"));
    EXPECT_THAT(outputs(), IsEmpty());
  }
}

TEST_F(Render, EndsAtOnceWhenInterruptedTwice) {
  // A session that never comes: nobody writes to the pipe, so the stop flag is not looked at.
  ASSERT_EQ(mkfifo(folder_.file("pipe.yaml").c_str(), 0600), 0);
  ProgramRun run;
  run.arguments = {"check", "pipe.yaml"};
  run.directory = folder_.path();
  run.signal = SIGINT;
  run.signal_count = 2;
  run.signal_after_ms = 200;
  EXPECT_EQ(run_program(run).exit_code, 130);
}

TEST_F(Render, SurvivesASignalThatItsCallerHadSilenced) {
  // As under nohup: the caller ignores SIGHUP, so the program does too.
  std::signal(SIGHUP, SIG_IGN);
  ProgramRun run;
  run.arguments = {"render", "mix.yaml", "-o", "out"};
  run.directory = folder_.path();
  run.signal = SIGHUP;
  run.signal_after_ms = 5;
  const ProgramResult result = run_program(run);
  std::signal(SIGHUP, SIG_DFL);
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST_F(Render, PlansWithoutWriting) {
  const ProgramResult text = run({"plan", "mix.yaml"});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, Not(IsEmpty()));
  const ProgramResult json = run({"plan", "mix.yaml", "--json"});
  ASSERT_EQ(json.exit_code, 0) << json.err;
  const Json plan = Json::parse(json.out);
  for (const char* key : {"nodes", "edges", "passes", "tile_frames", "ffts", "latency_frames",
                          "memory_bytes", "estimate_s"})
    EXPECT_TRUE(plan.contains(key)) << key;
  EXPECT_EQ(folder_.names().size(), 3u);
}

TEST_F(Render, ChecksFilesToo) {
  folder_.write("stems/tone.wav", "damaged");
  const ProgramResult result = run({"check", "mix.yaml"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("stems/tone.wav"));
}

}  // namespace
}  // namespace tutti::test
