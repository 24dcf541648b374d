// SPDX-License-Identifier: Apache-2.0
// The mastering job in parts: shards, and what status, report and submit say of them.
#include <gmock/gmock.h>

#include <fstream>
#include <future>
#include <nlohmann/json.hpp>

#include "tests/cli/master_program.hpp"

namespace tutti::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

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
  std::size_t notes = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder_.path() / "out/results")) {
    if (!entry.is_regular_file()) continue;
    ++notes;
    std::ifstream in(entry.path());
    int whole = 0;
    for (std::string line; std::getline(in, line);) whole += json::parse(line).is_object();
    EXPECT_EQ(whole, 21) << entry.path();
  }
  EXPECT_EQ(notes, 3u);
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

TEST_F(MasterProgram, AReportTellsNoKilledJobFromAnother) {
  write_catalogue(40);
  folder_.write("in/0/broken.wav", "RIFF");
  ASSERT_EQ(run({"catalogue", "scan", "in", "-o", "m.jsonl"}).exit_code, 0);
  const auto render = [&](const std::string& out, const std::string& shard, int kill_after_ms = 0) {
    return run({"catalogue", "render", "--manifest", "m.jsonl", "-o", out, "--shard", shard, "--target",
                "-16", "--device", "cpu", "-q"},
               kill_after_ms);
  };
  ASSERT_EQ(render("whole", "0/1").exit_code, 3);
  for (int i = 1; i <= 20; ++i)
    for (const char* shard : {"1/2", "0/2"}) render("out", shard, 5 * i);
  for (const char* shard : {"0/2", "1/2"}) render("out", shard);
  for (const char* form : {"--csv", "--json"}) {
    const auto report = [&](const std::string& out) {
      return run({"catalogue", "report", "--manifest", "m.jsonl", "-o", out, form}).out;
    };
    EXPECT_THAT(report("whole"), HasSubstr("input_unreadable"));
    EXPECT_EQ(report("out"), report("whole"));
  }
}

TEST_F(MasterProgram, StatusReportAndSubmitKnowAChangedChain) {
  write_catalogue(4);
  const auto chain = [&](const char* target, const char* outputs) {
    folder_.write("chain.yaml", std::string("tutti_chain: 1\nmaster: {loudness: {target_lufs: ") +
                                    target + "}, limiter: {ceiling_dbtp: -1}}\noutputs: " + outputs);
  };
  ASSERT_EQ(run({"catalogue", "scan", "in", "-o", "m.jsonl"}).exit_code, 0);
  const auto command = [&](const char* name, std::vector<std::string> more) {
    more.insert(more.begin(), {"catalogue", name, "--manifest", "m.jsonl", "-o", "out"});
    return run(more);
  };
  const auto status = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--json", "-"});
    return json::parse(command("status", more).out);
  };
  const char* const both = "[{file: \"{name}.wav\"}, {file: \"cd/{name}.flac\"}]\n";
  chain("-16", both);
  ASSERT_EQ(command("render", {"--chain", "chain.yaml", "--device", "cpu", "-q"}).exit_code, 0);
  EXPECT_EQ(status({"--chain", folder_.file("chain.yaml")})["done"], 4);
  chain("-20", both);
  EXPECT_EQ(status({})["done"], 4) << "nobody said what is asked for";
  const json stale = status({"--chain", "chain.yaml"});
  EXPECT_EQ(stale["stale"], 4);
  EXPECT_EQ(stale["stale_items"][0]["cause"], "settings");
  EXPECT_THAT(command("submit", {"--engine", "parallel", "--print", "--", "--chain", "chain.yaml"}).out,
              HasSubstr("printf '%s\\n' 0 |"));
  ASSERT_EQ(command("render", {"--chain", "chain.yaml", "--device", "cpu", "-q"}).exit_code, 0);
  EXPECT_EQ(status({"--chain", "chain.yaml"})["done"], 4);
  // The CD leaves the chain: nothing is to be made anew, and its four files count no more.
  chain("-20", "[{file: \"{name}.wav\"}]\n");
  EXPECT_EQ(status({"--chain", "chain.yaml"})["done"], 4);
  const auto report = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--json", "-"});
    return json::parse(command("report", more).out)["summary"];
  };
  EXPECT_EQ(report({})["outputs"], 8);
  EXPECT_EQ(report({"--chain", "chain.yaml"})["outputs"], 4);
  EXPECT_EQ(report({"--chain", "chain.yaml"})["not_asked"], 4);
  EXPECT_EQ(run({"catalogue", "report", "-o", "out", "--target", "-16"}).exit_code, 2);
}

}  // namespace
}  // namespace tutti::test
