// SPDX-License-Identifier: Apache-2.0
// The mastering job as people run it: one file, many, killed, disturbed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <future>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <thread>

#include "tests/cli/run_program.hpp"
#include "tests/cli/temporary_folder.hpp"

namespace tutti::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class MasterProgram : public ::testing::Test {
 protected:
  ProgramResult run(std::vector<std::string> arguments, int kill_after_ms = 0) const {
    ProgramRun run;
    run.arguments = std::move(arguments);
    run.directory = folder_.path();
    run.environment = {"TUTTI_CUDA_LIBRARY=/nowhere"};
    run.signal = kill_after_ms > 0 ? SIGKILL : 0;
    run.signal_after_ms = kill_after_ms;
    return run_program(run);
  }

  ProgramResult master(const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"master", "in", "-o", out, "--target", "-16", "--device",
                                          "cpu",    "-q"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }

  /// `count` short pieces of noise in folders of ten.
  void write_catalogue(int count) const {
    for (int i = 0; i < count; ++i)
      folder_.write("in/" + std::to_string(i / 10) + "/" + std::to_string(i) + ".wav",
                    wav_bytes(noise(0.02 + 0.004 * (i % 40), 2 * 4800, 1 + i), 2, 8000));
  }

  /// Every file under a folder by its name, but notes about failures.
  std::map<std::string, std::string> contents(const std::string& out) const {
    std::map<std::string, std::string> files;
    const auto root = folder_.path() / out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      const std::string name = entry.path().lexically_relative(root).string();
      if (entry.is_regular_file() && !name.starts_with("results/"))
        files[name] = folder_.read(out + "/" + name);
    }
    return files;
  }

  TemporaryFolder folder_;
};

TEST_F(MasterProgram, SaysWhatItNeeds) {
  EXPECT_THAT(run({"master"}).err, HasSubstr("nothing to master"));
  folder_.write("in/a.wav", wav_bytes(noise(0.1, 9600), 2, 48000));
  EXPECT_THAT(run({"master", "in/a.wav"}).err, HasSubstr("-o DIR"));
  EXPECT_THAT(run({"master", "in/a.wav", "-o", "out"}).err, HasSubstr("--target"));
  EXPECT_EQ(run({"master", "in/gone.wav", "-o", "out", "--target", "-14"}).exit_code, 2);
  EXPECT_THAT(run({"master", "in/a.wav", "-o", "in", "--target", "-14"}).err,
              HasSubstr("never overwritten"));
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

TEST_F(MasterProgram, ABrokenFileDoesNotStopTheRest) {
  write_catalogue(5);
  folder_.write("in/0/broken.wav", "RIFF....WAVE");
  const ProgramResult result = master("out", {"--album", "off", "--json", "r.json"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("broken"));
  const json report = json::parse(folder_.read("r.json"));
  EXPECT_EQ(report["done"], 5);
  EXPECT_EQ(report["failed"], 1);
  const ProgramResult again = master("out", {"--album", "off", "--json", "r.json"});
  EXPECT_EQ(again.exit_code, 3);
  EXPECT_EQ(json::parse(folder_.read("r.json"))["skipped"], 5);
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

TEST_F(MasterProgram, RedoesWhatChangedAndRefusesWhatIsNotItsOwn) {
  write_catalogue(3);
  ASSERT_EQ(master("out", {"--album", "off"}).exit_code, 0);
  const auto first = contents("out");
  // Another input, another setting: done again.
  folder_.write("in/0/1.wav", wav_bytes(noise(0.1, 9600, 77), 2, 8000));
  ASSERT_EQ(master("out", {"--album", "off", "--json", "r.json"}).exit_code, 0);
  EXPECT_EQ(json::parse(folder_.read("r.json"))["done"], 1);
  EXPECT_NE(contents("out").at("0/1.wav"), first.at("0/1.wav"));
  // An edited output, and one that was there before: told, kept.
  folder_.write("out/0/2.wav", "mine, longer than nothing");
  folder_.write("in/0/new.wav", wav_bytes(noise(0.1, 9600, 5), 2, 8000));
  folder_.write("out/0/new.wav", "mine");
  const ProgramResult refused = master("out", {"--album", "off"});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("--overwrite"));
  EXPECT_EQ(folder_.read("out/0/2.wav"), "mine, longer than nothing");
  EXPECT_EQ(folder_.read("out/0/new.wav"), "mine");
  EXPECT_EQ(master("out", {"--album", "off", "--overwrite"}).exit_code, 0);
  EXPECT_EQ(contents("out").at("0/2.wav"), first.at("0/2.wav"));
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

// A hundred kills at random moments; then it is finished, and nothing tells it from a job that was
// left alone.
TEST_F(MasterProgram, FinishesAfterAHundredKills) {
  write_catalogue(200);
  ASSERT_EQ(master("whole").exit_code, 0);
  const auto whole = contents("whole");
  ASSERT_EQ(whole.size(), 400u);  // outputs and sidecars
  std::mt19937 random(5);
  int killed = 0;
  for (int i = 0; i < 100; ++i) {
    const int after_ms = 1 + static_cast<int>(random() % 60);
    const ProgramResult result = run({"master", "in", "-o", "out", "--target", "-16", "--device",
                                      "cpu", "-q"},
                                     after_ms);
    killed += result.exit_code == 128 + SIGKILL;
    // Work that survives makes later kills hit the end: begin again with part of it.
    if (result.exit_code == 0)
      std::filesystem::remove_all(folder_.path() / "out" / std::to_string(random() % 20));
  }
  EXPECT_GT(killed, 30);
  ASSERT_EQ(master("out").exit_code, 0);
  EXPECT_TRUE(contents("out") == whole);
  ASSERT_EQ(run({"catalogue", "scan", "in", "-o", "m.jsonl"}).exit_code, 0);
  const auto report = [&](const std::string& out) {
    const ProgramResult result =
        run({"catalogue", "report", "--manifest", "m.jsonl", "-o", out, "--csv"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  };
  EXPECT_EQ(report("out"), report("whole"));
}

TEST_F(MasterProgram, TwoRunsOnOneFolderEndWithWholeFiles) {
  write_catalogue(60);
  ASSERT_EQ(master("whole").exit_code, 0);
  auto other = std::async(std::launch::async, [&] { return master("out"); });
  const ProgramResult one = master("out"), two = other.get();
  EXPECT_EQ(one.exit_code, 0) << one.err;
  EXPECT_EQ(two.exit_code, 0) << two.err;
  EXPECT_TRUE(contents("out") == contents("whole"));
}

// Also of one shard, with a failure in it: the notes of both are kept, and both say what is so.
TEST_F(MasterProgram, TwoCopiesOfOneShardEndAlike) {
  write_catalogue(20);
  folder_.write("in/0/broken.wav", "RIFF");
  ASSERT_EQ(run({"catalogue", "scan", "in", "-o", "m.jsonl"}).exit_code, 0);
  const auto render = [&] {
    return run({"catalogue", "render", "--manifest", "m.jsonl", "-o", "out", "--target", "-16", "--album",
                "off", "--device", "cpu", "-q"});
  };
  std::vector<std::future<ProgramResult>> copies;
  for (int i = 0; i < 3; ++i) copies.push_back(std::async(std::launch::async, render));
  for (auto& copy : copies) EXPECT_EQ(copy.get().exit_code, 3);
}

TEST_F(MasterProgram, ShardsTogetherAreTheWhole) {
  write_catalogue(30);
  ASSERT_EQ(run({"catalogue", "scan", "in", "-o", "m.jsonl"}).exit_code, 0);
  const auto render = [&](const std::string& out, const std::string& shard) {
    return run({"catalogue", "render", "--manifest", "m.jsonl", "-o", out, "--shard", shard, "--target",
                "-16", "--device", "cpu", "-q"});
  };
  ASSERT_EQ(render("whole", "0/1").exit_code, 0);
  for (const char* shard : {"2/3", "0/3", "1/3"}) ASSERT_EQ(render("out", shard).exit_code, 0);
  EXPECT_TRUE(contents("out") == contents("whole"));
  EXPECT_EQ(run({"catalogue", "status", "--manifest", "m.jsonl", "-o", "out", "--shards", "3"}).exit_code, 0);
  EXPECT_EQ(run({"catalogue", "verify", "--manifest", "m.jsonl", "-o", "out"}).exit_code, 0);
  folder_.write("in/0/3.wav", wav_bytes(noise(0.1, 9600, 999), 2, 8000));
  const ProgramResult verified = run({"catalogue", "verify", "--manifest", "m.jsonl", "-o", "out"});
  EXPECT_EQ(verified.exit_code, 1);
  EXPECT_THAT(verified.out, HasSubstr("input_changed"));
}

TEST_F(MasterProgram, AFullDiskAsksToBeRunAgain) {
  if (::geteuid() != 0) GTEST_SKIP() << "mounting a small file system needs root";
  write_catalogue(20);
  ASSERT_EQ(master("whole").exit_code, 0);
  const std::string small = folder_.file("small");
  std::filesystem::create_directory(small);
  if (::mount("none", small.c_str(), "tmpfs", 0, "size=256k") != 0)
    GTEST_SKIP() << "no tmpfs can be mounted here";
  const ProgramResult full = master("small/out", {"--json", "r.json"});
  EXPECT_EQ(full.exit_code, 75) << full.err;
  EXPECT_THAT(folder_.read("r.json"), HasSubstr("exhausted"));
  ::mount("none", small.c_str(), "tmpfs", MS_REMOUNT, "size=64m");
  const ProgramResult again = master("small/out");
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(contents("small/out") == contents("whole"));
  ::umount(small.c_str());
}

TEST_F(MasterProgram, AnUnwritableFolderFailsForGood) {
  write_catalogue(3);
  folder_.write("out/0", "a file stands where a folder is needed");
  const ProgramResult result = master("out", {"--json", "r.json"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(folder_.read("r.json"), HasSubstr("output_refused"));
  EXPECT_EQ(folder_.read("out/0"), "a file stands where a folder is needed");
}

TEST_F(MasterProgram, AStopLeavesNothingHalfWrittenAndGoesOn) {
  write_catalogue(200);
  ProgramRun stopped;
  stopped.arguments = {"master", "in", "-o", "out", "--target", "-16", "--device", "cpu", "-q"};
  stopped.directory = folder_.path();
  stopped.signal = SIGTERM;
  stopped.signal_after_ms = 300;  // it has begun by then, also in slow builds
  const ProgramResult result = run_program(stopped);
  if (result.exit_code != 0) {
    EXPECT_EQ(result.exit_code, 75) << result.err;
  }
  for (const auto& [name, bytes] : contents("out"))
    EXPECT_THAT(name, Not(HasSubstr(".part"))) << "half-written";
  ASSERT_EQ(master("out").exit_code, 0);
  ASSERT_EQ(master("whole").exit_code, 0);
  EXPECT_TRUE(contents("out") == contents("whole"));
}

}  // namespace
}  // namespace tutti::test
