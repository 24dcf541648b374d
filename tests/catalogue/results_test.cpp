// SPDX-License-Identifier: Apache-2.0
// Result lines: what they say, who wins, and that they outlive their writer.
#include "host/catalogue/results.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <set>

#include "host/audio/errors.hpp"
#include "host/catalogue/result_log.hpp"
#include "tests/cli/temporary_folder.hpp"

namespace tutti::test {
namespace {

namespace fs = std::filesystem;
using Status = ItemResult::Status;

ItemResult result_of(const std::string& id, Status status) {
  ItemResult result;
  result.id = id;
  result.status = status;
  result.ended = fs::file_time_type::clock::now();
  return result;
}

TEST(ResultLine, IsTheseBytes) {
  ItemResult result;
  result.id = "a \"b\"";
  result.seconds = 1.5;
  EXPECT_EQ(result_line(result), "{\"id\":\"a \\\"b\\\"\",\"status\":\"done\",\"seconds\":1.5}\n");
  result.status = Status::failed;
  result.kind = "input_unreadable";
  result.message = "in/a.wav: truncated";
  result.retriable = true;
  // date -u -d 2026-01-01 +%s
  result.ended = std::chrono::file_clock::from_sys(
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(1767225600'250)));
  EXPECT_EQ(result_line(result),
            "{\"id\":\"a \\\"b\\\"\",\"status\":\"failed\",\"kind\":\"input_unreadable\","
            "\"message\":\"in/a.wav: truncated\",\"retriable\":true,\"seconds\":1.5,"
            "\"ended_unix_s\":1767225600.25}\n");
  EXPECT_EQ(results_path("out", "run7", {3, 12}, 2), "out/results/run7/shard-3-of-12.2.jsonl");
}

TEST(Results, TakeTheLatestLineOfEachItem) {
  const TemporaryFolder folder;
  folder.write(
      "out/results/z/shard-0-of-1.0.jsonl",
      "{\"id\":\"a\",\"status\":\"failed\",\"kind\":\"disk_full\",\"retriable\":true}\n"
      "{\"id\":\"b\",\"status\":\"done\"}\nnot json\n{\"id\":\"c\",\"status\":\"odd\"}\n[]\n");
  folder.write("out/results/a/shard-0-of-1.0.jsonl", "{\"id\":\"a\",\"status\":\"done\"}\n");
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(1);
  fs::last_write_time(folder.path() / "out/results/z/shard-0-of-1.0.jsonl", old);
  auto latest = latest_results(folder.path() / "out");
  EXPECT_EQ(latest.size(), 2u);
  EXPECT_EQ(latest["a"].status, Status::done);
  fs::last_write_time(folder.path() / "out/results/a/shard-0-of-1.0.jsonl",
                      old - std::chrono::hours(1));
  latest = latest_results(folder.path() / "out");
  EXPECT_EQ(latest["a"].kind, "disk_full");
  EXPECT_TRUE(latest["a"].retriable);
  EXPECT_TRUE(latest_results(folder.path() / "nothing").empty());
}

// A long run's file is younger than all that others did meanwhile: its lines have times of their
// own.
TEST(Results, GoByTheLineNotByTheFileItStandsIn) {
  const TemporaryFolder folder;
  folder.write("out/results/long/shard-0-of-1.1.jsonl",
               "{\"id\":\"a\",\"status\":\"failed\",\"kind\":\"memory\",\"ended_unix_s\":1000}\n"
               "{\"id\":\"b\",\"status\":\"done\",\"ended_unix_s\":3000}\n");
  const fs::path other =
      folder.write("out/results/short/shard-0-of-1.1.jsonl",
                   "{\"id\":\"a\",\"status\":\"done\",\"ended_unix_s\":2000}\n"
                   "{\"id\":\"b\",\"status\":\"failed\",\"ended_unix_s\":1e300}\n");
  // Two seconds before the epoch's 3000th: no line of it can be younger.
  const std::chrono::sys_time<std::chrono::seconds> changed{std::chrono::seconds(2998)};
  fs::last_write_time(other, std::chrono::file_clock::from_sys(changed));
  const auto latest = latest_results(folder.path() / "out");
  EXPECT_EQ(latest.at("a").status, Status::done);
  EXPECT_EQ(latest.at("b").status, Status::done) << "a clock that is wrong outranks nobody";
}

TEST(ResultLog, OutlivesTheKillOfItsWriter) {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ResultLog log(folder.path() / "out", "local", {0, 1});
    log.append(result_of("a", Status::done));
    ItemResult failure = result_of("b", Status::failed);
    failure.kind = "exhausted";
    failure.retriable = true;
    log.append(failure);
    log.append(result_of("c", Status::skipped));
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto latest = latest_results(folder.path() / "out");
  ASSERT_EQ(latest.size(), 3u);
  EXPECT_EQ(latest.at("a").status, Status::done);
  EXPECT_EQ(latest.at("b").kind, "exhausted");
  EXPECT_TRUE(latest.at("b").retriable);
  EXPECT_EQ(latest.at("c").status, Status::skipped);
}

TEST(ResultLog, IsAFileOfItsWriterAlone) {
  const TemporaryFolder folder;
  constexpr int kWriters = 8, kLines = 100;
  std::vector<std::future<fs::path>> writers;
  for (int w = 0; w < kWriters; ++w)
    writers.push_back(std::async(std::launch::async, [&, w] {
      ResultLog log(folder.path() / "out", "local", {0, 1});
      for (int i = 0; i < kLines; ++i)
        log.append(result_of(std::to_string(w) + "/" + std::to_string(i), Status::done));
      return log.file();
    }));
  std::set<fs::path> files;
  for (auto& writer : writers) files.insert(writer.get());
  EXPECT_EQ(files.size(), static_cast<std::size_t>(kWriters));
  EXPECT_EQ(latest_results(folder.path() / "out").size(),
            static_cast<std::size_t>(kWriters * kLines));
}

TEST(ResultLog, MakesNoFileWithoutALine) {
  const TemporaryFolder folder;
  { const ResultLog log(folder.path() / "out", "local", {0, 1}); }
  EXPECT_TRUE(folder.names().empty());
  folder.write("out/results", "in the way");
  ResultLog log(folder.path() / "out", "local", {0, 1});
  EXPECT_THROW(log.append(result_of("a", Status::done)), IoError);
}

// The cause and not its effect, a missing file.
TEST(ResultLog, SaysWhyItsFolderCanNotBeMade) {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "out";
  fs::create_directory(out);
  fs::permissions(folder.path(), fs::perms(0755));
  fs::permissions(out, fs::perms(0555));
  const bool root = ::geteuid() == 0;
  if (root) {
    ASSERT_EQ(::seteuid(65534), 0);
  }
  std::string said;
  try {
    ResultLog(out, "local", {0, 1}).append(result_of("a", Status::done));
  } catch (const IoError& error) {
    said = error.what();
  }
  if (root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  fs::permissions(out, fs::perms(0755));
  EXPECT_THAT(said, ::testing::EndsWith(": Permission denied"));
}

TEST(ResultLog, ALineCutByAFullDiskSpoilsNoOther) {
  const TemporaryFolder folder;
  ResultLog log(folder.path() / "out", "local", {0, 1});
  log.append(result_of("a", Status::done));
  const auto size = fs::file_size(log.file());
  rlimit limits = {};
  getrlimit(RLIMIT_FSIZE, &limits);
  const auto ignored = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit full = {size + 10, limits.rlim_max};
  setrlimit(RLIMIT_FSIZE, &full);
  EXPECT_THROW(log.append(result_of("b", Status::done)), IoError);
  setrlimit(RLIMIT_FSIZE, &limits);
  ::signal(SIGXFSZ, ignored);
  EXPECT_EQ(fs::file_size(log.file()), size + 10) << "the line was torn";
  log.append(result_of("c", Status::done));
  const auto latest = latest_results(folder.path() / "out");
  EXPECT_EQ(latest.size(), 2u);
  EXPECT_TRUE(latest.contains("a") && latest.contains("c"));
}

// Wherever a line is torn, what is left of it says nothing, and what stands before it stays.
TEST(Results, PassOverATornLastLine) {
  const TemporaryFolder folder;
  const std::string whole = result_line(result_of("a", Status::done));
  const std::string last = result_line(result_of("}", Status::failed));
  for (std::size_t cut = 0; cut + 1 < last.size(); ++cut) {  // all but the line feed is whole
    folder.write("out/results/r/shard-0-of-1.1.jsonl", whole + last.substr(0, cut));
    EXPECT_EQ(latest_results(folder.path() / "out").size(), 1u) << cut;
  }
}

}  // namespace
}  // namespace tutti::test
