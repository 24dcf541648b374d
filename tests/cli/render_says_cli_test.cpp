// SPDX-License-Identifier: Apache-2.0
// What render says of what it did, and of what it did not do.
#include <gmock/gmock.h>

#include <sstream>

#include "tests/cli/render_files.hpp"

namespace tutti::test {
namespace {

using Json = nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

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
  EXPECT_THAT(codes, Contains("target_missed").Times(1));
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

TEST_F(RenderFiles, WarnsOnceOfAnOutputThatFewProgramsDecode) {
  folder_.write("32.yaml",
                "tutti: 1\nstems: [{name: A, file: a.wav}, {name: B, file: b.wav}]\n"
                "outputs:\n  - {file: m.flac, bit_depth: 32}\n"
                "  - {file: \"{name}.flac\", source: stems, bit_depth: 32}\n"
                "  - {file: \"{name}.wav\", source: stems, bit_depth: 32}\n");
  std::vector<std::string> told;
  const Json report = render_json("32.yaml");
  ASSERT_EQ(report["outputs"].size(), 5u);
  for (const Json& warning : report["warnings"])
    told.push_back(warning["code"].get<std::string>() + " " + warning["path"].get<std::string>());
  EXPECT_THAT(told,
              ElementsAre("flac_32_bit outputs[0].bit_depth", "flac_32_bit outputs[1].bit_depth"));
  // What is up to date is asked for all the same; what is not asked for is not told.
  EXPECT_THAT(
      render({"--only", "m.flac"}, "32.yaml").err,
      StartsWith("warning: outputs[0].bit_depth: m.flac: few programs decode FLAC of 32 bits"));
  EXPECT_THAT(render({"--only", "A.wav"}, "32.yaml").err, Not(HasSubstr("FLAC")));
  EXPECT_THAT(run({"check", "32.yaml"}).err,
              HasSubstr("32.yaml:4:31: warning: m.flac: few programs"));
}

}  // namespace
}  // namespace tutti::test
