// SPDX-License-Identifier: Apache-2.0
// The mastering job in parts: shards, and what status, report and submit say of them.
#include <gmock/gmock.h>

#include <cstdlib>
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

// A track that left the album has decided the gain of those that stayed.
TEST_F(MasterProgram, StatusReportAndSubmitKnowAnAlbumThatARenderWouldRedo) {
  write_catalogue(3);
  const auto line = [](int i) {
    return "{\"album\": \"A\", \"input\": \"in/0/" + std::to_string(i) + ".wav\"}\n";
  };
  const auto command = [&](const char* name, std::vector<std::string> more) {
    more.insert(more.begin(), {"catalogue", name, "--manifest", "m.jsonl", "-o", "out"});
    return run(more);
  };
  const auto render = [&] {
    return command("render", {"--target", "-16", "--device", "cpu", "--json", "-"});
  };
  folder_.write("m.jsonl", line(0) + line(1) + line(2));
  ASSERT_EQ(render().exit_code, 0);
  EXPECT_EQ(command("status", {"--target", "-16"}).exit_code, 0);
  EXPECT_EQ(command("status", {}).exit_code, 0);
  folder_.write("m.jsonl", line(0) + line(1));
  for (const std::vector<std::string>& options :
       std::vector<std::vector<std::string>>{{"--json", "-"}, {"--target", "-16", "--json", "-"}}) {
    const json status = json::parse(command("status", options).out);
    EXPECT_EQ(status["stale"], 2) << status;
    EXPECT_EQ(status["stale_items"][0]["cause"], "album");
    EXPECT_EQ(json::parse(command("report", options).out)["summary"]["stale"], 2);
  }
  EXPECT_THAT(command("submit", {"--engine", "parallel", "--print", "--", "--target", "-16"}).out,
              HasSubstr("printf '%s\\n' 0 |"));
  EXPECT_EQ(json::parse(render().out)["done"], 2);
  EXPECT_EQ(command("status", {"--target", "-16"}).exit_code, 0);
}

// A task does not start in the folder that its files were named in.
TEST_F(MasterProgram, TasksFindTheFilesThatTheirOptionsName) {
  write_catalogue(2);
  folder_.write("chain.yaml",
                "tutti_chain: 1\noutputs: [{file: \"{name}.wav\", preset: own}]\n");
  folder_.write("p.yaml",
                "tutti_presets: 1\npresets: [{name: own, target_lufs: -20, ceiling_dbtp: -1, "
                "source: x, date: x}]\n");
  ASSERT_EQ(run({"catalogue", "scan", "in", "-o", "m.jsonl"}).exit_code, 0);
  for (const std::vector<std::string>& chain :
       std::vector<std::vector<std::string>>{{"--chain", "chain.yaml"}, {"--chain=./chain.yaml"}}) {
    ProgramRun submit;
    submit.arguments = {"catalogue", "submit", "--engine", "parallel", "--manifest", "m.jsonl", "-o",
                        "out", "--print", "--"};
    submit.arguments.insert(submit.arguments.end(), chain.begin(), chain.end());
    submit.arguments.insert(submit.arguments.end(), {"--device", "cpu", "-q", "--json", "r.json"});
    submit.directory = folder_.path();
    submit.environment = {"TUTTI_PRESETS=p.yaml"};
    const std::string script = run_program(submit).out;
    // The render's command as a task runs it: two lines of the script, in another folder.
    const std::size_t at = script.find("env TUTTI_PRESETS=");
    ASSERT_NE(at, std::string::npos) << script;
    std::string command = script.substr(at, script.find('\n', script.find('\n', at) + 1) - at);
    command.replace(command.find("$1/1"), 4, "0/1");
    std::filesystem::create_directory(folder_.path() / "elsewhere");
    folder_.write("task.sh", "cd '" + folder_.file("elsewhere") + "' && " + command + "\n");
    ASSERT_EQ(std::system(("bash '" + folder_.file("task.sh") + "'").c_str()), 0) << command;
    const json report = json::parse(folder_.read("r.json"));
    EXPECT_EQ(report["done"], 2);
    EXPECT_EQ(report["items"][0]["outputs"][0]["target_lufs"], -20.0);
    std::filesystem::remove_all(folder_.path() / "out");
  }
}

TEST_F(MasterProgram, TakesNoMoreMemoryForAThousandItemsThanForFifty) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer keeps what the program gives back";
#endif
  const auto peak_kib = [&](int count) {
    write_catalogue(count);
    const ProgramResult result = master("out", {"--jobs", "1", "--threads", "1", "--json", "r.json",
                                                "--progress", "none"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(json::parse(folder_.read("r.json"))["items"].size(), static_cast<std::size_t>(count));
    std::filesystem::remove_all(folder_.path() / "out");
    return result.peak_memory_kib;
  };
  const long few = peak_kib(50), many = peak_kib(1000);
  // What a job has to know of an item, its names and whether it has ended, is about 1.5 KiB; its
  // entry in the document, or its sidecar, is 8 and more: none of them is kept.
  EXPECT_LT(many - few, 950 * 3) << few << " KiB, then " << many;
}

}  // namespace
}  // namespace tutti::test
