// SPDX-License-Identifier: Apache-2.0
// The mastering job as it is disturbed: killed, stopped, run twice, with damaged files.
#include <gmock/gmock.h>

#include <cstdlib>
#include <future>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/cli/master_program.hpp"

namespace tutti::test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

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

TEST_F(MasterProgram, WhatIsDamagedIsUpToDateOnlyWhereItIsAllowed) {
  std::string cut = wav_bytes(noise(0.1, 9600, 1), 2, 8000);
  cut.resize(cut.size() - 4000);
  folder_.write("in/cut.wav", cut);
  folder_.write("in/whole.wav", wav_bytes(noise(0.1, 9600, 2), 2, 8000));
  ASSERT_EQ(run({"catalogue", "scan", "in", "-o", "m.jsonl"}).exit_code, 0);
  const auto done_skipped_failed = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--album", "off", "--json", "r.json"});
    master("out", more);
    const json report = json::parse(folder_.read("r.json"));
    return std::vector<int>{report["done"], report["skipped"], report["failed"]};
  };
  const auto left = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"catalogue", "status", "--manifest", "m.jsonl", "-o", "out",
                               "--target", "-16", "--album", "off"});
    return run(more);
  };
  EXPECT_THAT(done_skipped_failed({"--allow-damaged"}), ElementsAre(2, 0, 0));
  EXPECT_THAT(done_skipped_failed({"--allow-damaged"}), ElementsAre(0, 2, 0));
  EXPECT_EQ(left({"--allow-damaged"}).exit_code, 0);
  EXPECT_THAT(left({}).out,
              HasSubstr("1 done, 0 missing, 1 stale, 0 failed of 2\nstale: damaged: 1"));
  const std::string taken = folder_.read("out/cut.wav");
  EXPECT_THAT(done_skipped_failed({}), ElementsAre(0, 1, 1));
  EXPECT_THAT(left({}).out, HasSubstr("1 done, 0 missing, 0 stale, 1 failed of 2"));
  EXPECT_TRUE(folder_.read("out/cut.wav") == taken);
  EXPECT_THAT(done_skipped_failed({"--allow-damaged"}), ElementsAre(0, 2, 0));
  EXPECT_EQ(left({"--allow-damaged"}).exit_code, 0);
}

TEST_F(MasterProgram, RedoesWhatChangedAndRefusesWhatIsNotItsOwn) {
  write_catalogue(3);
  ASSERT_EQ(master("out", {"--album", "off"}).exit_code, 0);
  const auto first = contents("out");
  // Another input, another setting: done again.
  folder_.write("in/0/1.wav", wav_bytes(noise(0.1, 9600, 77), 2, 8000));
  const ProgramResult other = master("out", {"--album", "off", "--json", "r.json"});
  ASSERT_EQ(other.exit_code, 0);
  EXPECT_THAT(other.err, HasSubstr("warning: 0/1: the input is not what it was")) << "quiet or not";
  EXPECT_EQ(json::parse(folder_.read("r.json"))["done"], 1);
  EXPECT_EQ(json::parse(folder_.read("r.json"))["inputs_changed"], 1);
  EXPECT_NE(contents("out").at("0/1.wav"), first.at("0/1.wav"));
  folder_.write("in/0/0.wav", wav_bytes(noise(0.1, 9600, 78), 2, 8000));
  EXPECT_THAT(run({"master", "in", "-o", "out", "--target", "-16", "--device", "cpu", "--album", "off"})
                  .out,
              HasSubstr("\n1 done, 2 up to date, 0 failed; 1 of another input than before\n"));
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

// What ended before a kill is known after it: the line is there while the run is not at its end.
TEST_F(MasterProgram, AKillTakesNoResultWithIt) {
  write_catalogue(300);
  folder_.write("broken.wav", "RIFF");
  std::string items = "{\"input\": \"broken.wav\", \"seconds\": 1000}\n";  // the longest goes first
  for (int i = 0; i < 300; ++i)
    items += "{\"input\": \"in/" + std::to_string(i / 10) + "/" + std::to_string(i) + ".wav\"}\n";
  folder_.write("m.jsonl", items);
  const std::string script =
      "cd '" + folder_.file("") + "'\n" TUTTI_PROGRAM
      " catalogue render --manifest m.jsonl -o out --target -16 --device cpu --jobs 1 -q &\n"
      "until grep -qs broken out/results/*/*.jsonl; do kill -0 $! || exit 1; sleep 0.01; done\n"
      "kill -9 $!; wait $!; test $? -eq 137";
  folder_.write("kill.sh", script);
  ASSERT_EQ(std::system(("bash '" + folder_.file("kill.sh") + "' 2>/dev/null").c_str()), 0) << "it was at its end";
  const auto status = [&] {
    return json::parse(
        run({"catalogue", "status", "--manifest", "m.jsonl", "-o", "out", "--json", "-"}).out);
  };
  const json killed = status();
  ASSERT_EQ(killed["failures"].size(), 1u) << killed;
  EXPECT_EQ(killed["failures"][0]["kind"], "input_unreadable");
  EXPECT_FALSE(killed["failures"][0]["retriable"].get<bool>());
  EXPECT_GT(killed["missing"], 0);
  // `retry` knows it too, and `report` says the same as of a job that nobody killed.
  folder_.write("broken.wav", wav_bytes(noise(0.1, 9600), 2, 8000));
  EXPECT_EQ(run({"catalogue", "retry", "--manifest", "m.jsonl", "-o", "out", "--target", "-16",
                 "--device", "cpu", "-q"})
                .exit_code,
            0);
  EXPECT_EQ(status()["failed"], 0);
  EXPECT_EQ(status()["missing"], killed["missing"]) << "nothing but the failure";
}

TEST_F(MasterProgram, ARetryOfNothingWritesTheDocumentOfNoItems) {
  write_catalogue(1);
  ASSERT_EQ(run({"catalogue", "scan", "in", "-o", "m.jsonl"}).exit_code, 0);
  const auto retry = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"catalogue", "retry", "--manifest", "m.jsonl", "-o", "out",
                               "--target", "-16", "--device", "cpu"});
    return run(more);
  };
  for (const json& document :
       {json::parse(retry({"--json", "-"}).out), [&] {
          EXPECT_EQ(retry({"--json", "r.json"}).exit_code, 0);
          return json::parse(folder_.read("r.json"));
        }()}) {
    EXPECT_TRUE(document["items"].empty());
    EXPECT_EQ(document["done"], 0);
    EXPECT_EQ(document["failed"], 0);
  }
  EXPECT_THAT(retry({}).out, HasSubstr("nothing failed\n"));
  EXPECT_EQ(retry({"-q"}).out, "");
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
