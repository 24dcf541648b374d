// SPDX-License-Identifier: Apache-2.0
// The mastering job as people run it: what it makes of files.
#include <gmock/gmock.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/master_program.hpp"

namespace tutti::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

TEST_F(MasterProgram, MastersAFileAndTellsWhatServicesWillDo) {
  folder_.write("mix.wav", wav_bytes(noise(0.3, 2 * 96000), 2, 48000));
  const ProgramResult result =
      run({"master", "mix.wav", "-o", "out", "--preset", "spotify", "--json", "-", "--device", "cpu"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json output = json::parse(result.out)["items"][0]["outputs"][0];
  EXPECT_NEAR(output["measured"]["integrated_lufs"].get<double>(), -14, 0.1);
  EXPECT_LE(output["measured"]["true_peak_dbtp"].get<double>(), -1 + 0.02);
  // youtube turns down only, and this is at its level: nothing to do; apple plays 2 dB lower.
  std::map<std::string, double> gains;
  for (const json& service : output["services"])
    gains[service["service"]] = service["gain_db"].get<double>();
  EXPECT_NEAR(gains.at("apple_music"), -2, 0.1);
  EXPECT_NEAR(gains.at("youtube"), 0, 0.1);
}

TEST_F(MasterProgram, WritesSeveralDeliveriesInOnePass) {
  std::vector<float> peaky = noise(0.03, 2 * 96000);
  for (std::size_t n = 0; n < peaky.size(); n += 9600) peaky[n] = 0.9f;
  folder_.write("mix.wav", wav_bytes(peaky, 2, 48000));
  folder_.write("chain.yaml", R"(tutti_chain: 1
master:
  inserts: [{eq: {bands: [{type: high_pass, freq_hz: 30, slope_db_per_oct: 12}]}}]
  loudness: {target_lufs: -14, plr_min_db: 14}
  limiter: {ceiling_dbtp: -1}
outputs:
  - {file: "{name}.wav"}
  - {file: "cd/{name}.flac", bit_depth: 16, sample_rate_hz: 44100, dither: shaped}
)");
  const ProgramResult result =
      run({"master", "mix.wav", "-o", "out", "--chain", "chain.yaml", "--json", "-", "--device", "cpu"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json outputs = json::parse(result.out)["items"][0]["outputs"];
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0]["format"], "WAV PCM 24");
  EXPECT_EQ(outputs[1]["format"], "FLAC PCM 16");
  EXPECT_EQ(outputs[1]["measured"]["sample_rate_hz"], 44100);
  for (const json& output : outputs) {
    EXPECT_NEAR(output["measured"]["integrated_lufs"].get<double>(), -14, 0.1);
    EXPECT_LE(output["measured"]["true_peak_dbtp"].get<double>(), -1 + 0.02);
    // -14 under -1 leaves 13 dB.
    EXPECT_THAT(output["findings"].dump(), HasSubstr("plr_low"));
  }
}

TEST_F(MasterProgram, TracksOfAnAlbumKeepTheirRelations) {
  folder_.write("in/album/loud.wav", wav_bytes(noise(0.3, 2 * 96000, 1), 2, 48000));
  folder_.write("in/album/soft.wav", wav_bytes(noise(0.03, 2 * 96000, 2), 2, 48000));
  folder_.write("m.jsonl",
                "{\"album\": \"A\", \"input\": \"in/album/loud.wav\"}\n"
                "{\"album\": \"A\", \"input\": \"in/album/soft.wav\"}\n");
  ASSERT_EQ(run({"master", "m.jsonl", "-o", "out", "--target", "-16", "--device", "cpu", "--json",
                 "r.json"})
                .exit_code,
            0);
  std::vector<double> gains, levels;
  const json together = json::parse(folder_.read("r.json"));
  for (const json& item : together["items"]) {
    gains.push_back(item["outputs"][0]["gain_db"].get<double>());
    levels.push_back(item["outputs"][0]["measured"]["integrated_lufs"].get<double>());
  }
  ASSERT_EQ(gains.size(), 2u);
  EXPECT_EQ(gains[0], gains[1]);
  EXPECT_NEAR(levels[0] - levels[1], 20, 0.05);
  ASSERT_EQ(master("apart", {"--album", "off", "--json", "r.json"}).exit_code, 0);
  const json apart = json::parse(folder_.read("r.json"));
  ASSERT_EQ(apart["items"].size(), 2u);
  for (const json& item : apart["items"])
    EXPECT_NEAR(item["outputs"][0]["measured"]["integrated_lufs"].get<double>(), -16, 0.1);
}

TEST_F(MasterProgram, NeverWritesAnInputThroughALink) {
  const std::string bytes = wav_bytes(noise(0.1, 9600), 2, 8000);
  folder_.write("in/a.wav", bytes);
  std::filesystem::create_directory_symlink(folder_.path() / "in", folder_.path() / "link");
  const ProgramResult result = run({"master", "in/a.wav", "-o", "link", "--target", "-16", "--overwrite"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("never overwritten"));
  EXPECT_EQ(folder_.read("in/a.wav"), bytes);
}

TEST_F(MasterProgram, WritesOddNamesWhereTheyBelongAndNothingOutside) {
  folder_.write("in/{name}/{extension}.wav", wav_bytes(noise(0.1, 9600), 2, 8000));
  ASSERT_EQ(master("out").exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "out/{name}/{extension}.wav") ||
              std::filesystem::exists(folder_.path() / "out/{extension}.wav"));
  folder_.write("chain.yaml", "tutti_chain: 1\nmaster: {gain_db: 1}\noutputs: [{file: \"../{name}.wav\"}]\n");
  const ProgramResult result = run({"master", "in", "-o", "out", "--chain", "chain.yaml"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("stay in the output folder"));
}

TEST_F(MasterProgram, RedoesWhatAChangedPresetDecides) {
  folder_.write("mix.wav", wav_bytes(noise(0.3, 2 * 96000), 2, 48000));
  folder_.write("chain.yaml", "tutti_chain: 1\noutputs: [{file: \"{name}.flac\", preset: own}]\n");
  const auto preset = [&](const std::string& target) {
    folder_.write("p.yaml", "tutti_presets: 1\npresets: [{name: own, target_lufs: " + target +
                                ", ceiling_dbtp: -1, source: x, date: x}]\n");
    ProgramRun run;
    run.arguments = {"master", "mix.wav", "-o", "out", "--chain", "chain.yaml", "--json", "-", "--device", "cpu"};
    run.directory = folder_.path();
    run.environment = {"TUTTI_PRESETS=p.yaml"};
    const json report = json::parse(run_program(run).out);
    EXPECT_EQ(report["done"], 1);
    return report["items"][0]["outputs"][0]["measured"]["integrated_lufs"].get<double>();
  };
  EXPECT_NEAR(preset("-14"), -14, 0.1);
  EXPECT_NEAR(preset("-20"), -20, 0.1);
}

TEST_F(MasterProgram, APresetSaysTheFormatToo) {
  folder_.write("mix.wav", wav_bytes(noise(0.3, 2 * 96000), 2, 48000));
  const ProgramResult result = run({"master", "mix.wav", "-o", "out", "--preset", "cd", "--json", "-", "--device", "cpu"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json output = json::parse(result.out)["items"][0]["outputs"][0];
  EXPECT_EQ(output["format"], "WAV PCM 16");
  EXPECT_EQ(output["measured"]["sample_rate_hz"], 44100);
}

TEST_F(MasterProgram, RunsOnAsManyThreadsAsItIsGiven) {
  write_catalogue(200);
  // The most threads that it had, less those with one job: what else the program has of them.
  const auto threads = [&](const std::string& number) {
    folder_.write("threads.sh",
                  "cd '" + folder_.file("") + "'\n" TUTTI_PROGRAM " master in -o out" + number +
                      " --target -16 --device cpu -q --threads " + number +
                      " &\nmost=0\nwhile kill -0 $! 2>/dev/null; do set -- /proc/$!/task/*\n"
                      "[ $# -gt $most ] && most=$#; done; wait $!; echo $? $most >said\n");
    EXPECT_EQ(std::system(("bash '" + folder_.file("threads.sh") + "' 2>/dev/null").c_str()), 0);
    std::istringstream said(folder_.read("said"));
    int code = -1, most = 0;
    said >> code >> most;
    EXPECT_EQ(code, 0);
    return most;
  };
  const int one = threads("1");
  EXPECT_EQ(threads("5") - one, 4);
  EXPECT_TRUE(contents("out1") == contents("out5"));
  EXPECT_THAT(master("out", {"--threads", "2", "--jobs", "3"}).err, HasSubstr("give one of them"));
}

}  // namespace
}  // namespace tutti::test
