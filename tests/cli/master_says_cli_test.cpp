// SPDX-License-Identifier: Apache-2.0
// What the mastering job refuses, and what it says of a run.
#include <gmock/gmock.h>

#include <cmath>
#include <iomanip>
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
  folder_.write("file", "mine");
  const ProgramResult file = run({"master", "in/a.wav", "-o", "file", "--target", "-14"});
  EXPECT_EQ(file.exit_code, 2);
  EXPECT_THAT(file.err, HasSubstr("file is a file: -o names the folder for the results"));
  EXPECT_EQ(folder_.read("file"), "mine");
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

TEST_F(MasterProgram, WarnsOfAFlacThatFewProgramsDecode) {
  for (const char* name : {"a.wav", "b.wav"})
    folder_.write(name, wav_bytes(noise(0.1, 9600), 2, 8000));
  folder_.write("m.jsonl", "{\"input\": \"a.wav\"}\n{\"input\": \"b.wav\"}\n");
  folder_.write("chain.yaml",
                "tutti_chain: 1\noutputs:\n  - {file: \"{name}.flac\", bit_depth: 24}\n"
                "  - {file: \"{name}.32.flac\", bit_depth: 32}\n");
  const ProgramResult result =
      run({"catalogue", "render", "--manifest", "m.jsonl", "-o", "out", "--chain", "chain.yaml",
           "--json", "r.json", "--device", "cpu"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  // Once at the chain's line before a job that may be long, then beside each file.
  EXPECT_THAT(result.err, HasSubstr("chain.yaml:4:41: warning: few programs decode FLAC"));
  EXPECT_THAT(result.out, HasSubstr("/out/a.32.flac: few programs decode FLAC of 32 bits"));
  EXPECT_THAT(result.out, HasSubstr("/out/b.32.flac: few programs decode FLAC of 32 bits"));
  const json report = json::parse(folder_.read("r.json"));
  for (const json& item : report["items"]) {
    EXPECT_EQ(item["outputs"][0]["findings"].size(), 0u);
    ASSERT_EQ(item["outputs"][1]["findings"].size(), 1u);
    EXPECT_EQ(item["outputs"][1]["findings"][0]["code"], "flac_32_bit");
  }
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

TEST_F(MasterProgram, AWarningNamesItsFileOnce) {
  folder_.write("still.wav", wav_bytes(std::vector<float>(9600), 2, 8000));
  const ProgramResult result =
      run({"master", "still.wav", "-o", "out", "--target", "-16", "--device", "cpu"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("/out/still.wav: no loudness can be measured"));
  EXPECT_EQ(result.out.find("no loudness"), result.out.rfind("no loudness")) << result.out;
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

// A codec changes what comes out of the limiter: the figure told is that of the file as it decodes.
TEST_F(MasterProgram, TellsTheFigureOfALossyFileThatMissesItsTarget) {
  std::vector<float> sparse = noise(0.01, 2 * 96000);
  for (std::size_t n = 0; n < sparse.size(); n += 9600) sparse[n] = 0.9F;
  folder_.write("a.wav", wav_bytes(sparse, 2, 48000));
  folder_.write("chain.yaml",
                "tutti_chain: 1\nmaster: {loudness: {target_lufs: -5}, limiter: {ceiling_dbtp: -1}}\n"
                "outputs: [{file: \"{name}.opus\", sample_rate_hz: 48000}]\n");
  ASSERT_EQ(run({"master", "a.wav", "-o", "out", "--chain", "chain.yaml", "--json", "r.json"}).exit_code,
            0);
  const json output = json::parse(folder_.read("r.json"))["items"][0]["outputs"][0];
  std::ostringstream measured_lufs;
  measured_lufs << std::fixed << std::setprecision(2) << output["measured"]["integrated_lufs"].get<double>();
  int told = 0;
  for (const json& finding : output["findings"]) {
    if (finding["code"] != "target_missed") continue;
    ++told;
    EXPECT_THAT(finding["message"].get<std::string>(),
                HasSubstr("integrated " + measured_lufs.str() + " LUFS"));
  }
  EXPECT_EQ(told, 1);
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

}  // namespace
}  // namespace tutti::test
