// SPDX-License-Identifier: Apache-2.0
// The mastering job as people run it: what it makes of files, and what it refuses.
#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/master_program.hpp"

namespace tutti::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

TEST_F(MasterProgram, SaysWhatItNeeds) {
  EXPECT_THAT(run({"master"}).err, HasSubstr("nothing to master"));
  folder_.write("in/a.wav", wav_bytes(noise(0.1, 9600), 2, 48000));
  EXPECT_THAT(run({"master", "in/a.wav"}).err, HasSubstr("-o DIR"));
  EXPECT_THAT(run({"master", "in/a.wav", "-o", "out"}).err, HasSubstr("--target"));
  EXPECT_EQ(run({"master", "in/gone.wav", "-o", "out", "--target", "-14"}).exit_code, 2);
  EXPECT_THAT(run({"master", "in/a.wav", "-o", "in", "--target", "-14"}).err,
              HasSubstr("never overwritten"));
  EXPECT_THAT(run({"master", "in", "-o", "./in/", "--target", "-14"}).err,
              HasSubstr("in is the input and the folder for the results"));
  EXPECT_THAT(run({"master", "in/a.wav", "-o", "out", "--preset", "spotfy"}).err,
              HasSubstr("spotify"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "out"));
}

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

TEST_F(MasterProgram, ABadChainIsToldByLine) {
  folder_.write("mix.wav", wav_bytes(noise(0.3, 9600), 2, 48000));
  folder_.write("chain.yaml",
                "tutti_chain: 1\nmaster:\n  loudness: {target_lufs: loud}\n"
                "outputs: [{file: master.wav, source: mix}]\n");
  const ProgramResult result = run({"master", "mix.wav", "-o", "out", "--chain", "chain.yaml"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("chain.yaml:3:"));
  EXPECT_THAT(result.err, HasSubstr("chain.yaml:4:"));
}

TEST_F(MasterProgram, TellsProgramsOfEveryItem) {
  write_catalogue(3);
  folder_.write("in/0/broken.wav", "RIFF");
  const ProgramResult result =
      run({"master", "in", "-o", "out", "--target", "-16", "--album", "off", "--progress", "json", "-q"});
  std::map<std::string, std::string> results;
  std::istringstream lines(result.err);
  for (std::string line; std::getline(lines, line);) {
    const json event = json::parse(line, nullptr, false);
    if (event.is_object() && event["event"] == "result") results[event["id"]] = event["status"];
  }
  EXPECT_EQ(results.size(), 4u) << result.err;
  EXPECT_EQ(results["0/broken"], "failed");
  EXPECT_EQ(results["0/1"], "done");
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

TEST_F(MasterProgram, AWarningNamesItsFileOnce) {
  folder_.write("still.wav", wav_bytes(std::vector<float>(9600), 2, 8000));
  const ProgramResult result =
      run({"master", "still.wav", "-o", "out", "--target", "-16", "--device", "cpu"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("/out/still.wav: no loudness can be measured"));
  EXPECT_EQ(result.out.find("no loudness"), result.out.rfind("no loudness")) << result.out;
}

TEST_F(MasterProgram, RefusesAnAlbumOfTwoTargets) {
  for (const char* name : {"a", "b"})
    folder_.write(std::string(name) + ".wav", wav_bytes(noise(0.1, 9600), 2, 8000));
  folder_.write("m.jsonl",
                "{\"input\": \"a.wav\", \"album\": \"A\", \"target_lufs\": -16}\n"
                "{\"input\": \"b.wav\", \"album\": \"A\"}\n");
  const ProgramResult result =
      run({"catalogue", "render", "--manifest", "m.jsonl", "-o", "out", "--target", "-14"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("m.jsonl:2"));
}

// A limiter is not driven tens of decibels for the sake of a figure.
TEST_F(MasterProgram, SaysWhatATargetWouldCrush) {
  std::vector<float> pulses(2 * 96000);
  for (std::size_t n = 0; n < pulses.size(); ++n)
    pulses[n] = static_cast<float>(0.85 * std::exp(-static_cast<double>(n / 2 % 24000) / 2400) *
                                   std::sin(2 * 3.14159265 * 100 * static_cast<double>(n / 2) / 48000));
  folder_.write("mix.wav", wav_bytes(pulses, 2, 48000));
  const ProgramResult result = run({"master", "mix.wav", "-o", "out", "--target", "-5", "--json", "-", "--device", "cpu"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json output = json::parse(result.out)["items"][0]["outputs"][0];
  EXPECT_THAT(output["findings"].dump(), HasSubstr("dB of limiting"));
  EXPECT_GE(output["limiter_max_reduction_db"].get<double>(), -26);
}

TEST_F(MasterProgram, WritesAPageAboutTheRun) {
  write_catalogue(3);
  folder_.write("in/0/broken.wav", "RIFF");
  ASSERT_EQ(master("out", {"--album", "off"}).exit_code, 3);
  folder_.write("in/one/more.wav", wav_bytes(noise(0.1, 9600), 2, 8000));
  EXPECT_EQ(master("out", {"--album", "off", "--report", "r.html"}).exit_code, 3);
  const std::string page = folder_.read("r.html");
  EXPECT_THAT(page, HasSubstr("4 outputs, "));
  EXPECT_THAT(page, HasSubstr("; 1 failed, 0 missing."));
  EXPECT_THAT(page, HasSubstr("<td>one/more.wav</td>"));
  EXPECT_THAT(page, HasSubstr("<td>input_unreadable</td>"));
  // Of this run, not of the folder.
  EXPECT_THAT(run({"master", "in/one/more.wav", "-o", "out/one", "--target", "-16", "--device", "cpu",
                   "--report", "-"})
                  .out,
              HasSubstr("1 outputs, "));
  EXPECT_THAT(master("out", {"--report", "in/0/1.wav"}).err, HasSubstr("is an input"));
  EXPECT_EQ(master("out", {"--report", "both", "--json", "both"}).exit_code, 2);
}

TEST_F(MasterProgram, PrintsEveryRowAndChecksumsWhenAskedTo) {
  write_catalogue(61);  // one more than a screen
  const auto printed = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"master", "in", "-o", "out", "--target", "-16", "--device", "cpu"});
    return run(more).out;
  };
  EXPECT_EQ(printed({}), "61 done, 0 up to date, 0 failed\n");
  const std::string all = printed({"-v"});
  EXPECT_THAT(all, HasSubstr("61 up to date"));
  // What `sha256sum` says of one of them.
  EXPECT_THAT(all, HasSubstr("/out/6/60.wav: sha256 " + sha256sum("out/6/60.wav") + ", audio md5 "));
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
