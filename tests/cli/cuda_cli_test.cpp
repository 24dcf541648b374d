// SPDX-License-Identifier: Apache-2.0
// The program where CUDA can not be had, runs out of memory, or fails in the middle. The emulated
// library stands in for the real one and is disturbed through its environment.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/run_program.hpp"
#include "tests/cli/temporary_folder.hpp"

namespace tutti::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CudaProgram : public ::testing::Test {
 protected:
  CudaProgram() {
    const std::string sessions = std::string(TUTTI_SOURCE_DIR) + "/data/sessions/hallelujah/stems/";
    std::ofstream(folder_.path() / "mix.yaml")
        << "tutti: 1\nend: 0.5\nstems:\n  - {name: A, file: " << sessions
        << "Vln1_Leader.flac, pan: -0.5, inserts: [{eq: {bands: [{type: bell, freq_hz: 500, gain_db: "
           "3}]}}, {compressor: {threshold_db: -20, ratio: 2}}]}\n  - {name: B, file: "
        << sessions << "Organ.flac}\noutputs: [{file: mix.wav, source: mix}, {file: master.wav}]\n";
  }

  ProgramResult run(std::vector<std::string> arguments, std::vector<std::string> environment,
                    const std::string& library = TUTTI_EMULATED_LIBRARY) {
    ProgramRun run;
    run.arguments = std::move(arguments);
    run.directory = folder_.path();
    run.environment = std::move(environment);
    run.environment.push_back("TUTTI_CUDA_LIBRARY=" + library);
    // The leak checker's tracer can not read the stacks that emulated threads switch between.
    run.environment.push_back("ASAN_OPTIONS=detect_leaks=0");
    return run_program(run);
  }

  ProgramResult render(const std::string& device, std::vector<std::string> environment) {
    return run({"render", "mix.yaml", "-o", "out", "--overwrite", "--device", device, "--progress",
                "none"},
               std::move(environment));
  }

  /// No output, no temporary file: what a failed render may leave is an empty folder.
  bool nothing_left() const {
    const auto out = folder_.path() / "out";
    return !std::filesystem::exists(out) || std::filesystem::is_empty(out);
  }

  /// Every file there is an output under its own name that can be read to its end.
  bool nothing_half_written() {
    if (!std::filesystem::exists(folder_.path() / "out")) return true;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "out")) {
      const std::string name = entry.path().filename().string();
      if (name == ".tutti-render.json") continue;
      if (name != "mix.wav" && name != "master.wav") return false;
      if (run({"measure", "out/" + name}, {}).exit_code != 0) return false;
    }
    return true;
  }

  TemporaryFolder folder_;
};

TEST_F(CudaProgram, RendersThroughTheRealLoadingPath) {
  const ProgramResult result = render("cuda", {});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("on cuda:0"));
}

TEST_F(CudaProgram, SaysInOneSentenceWhyThereIsNoCuda) {
  const struct {
    std::string library, environment, reason;
  } cases[] = {
      {"/nowhere/libtutti_cuda.so", "X=", "can not be loaded"},
      {TUTTI_EMULATED_LIBRARY, "TUTTI_EMULATED_NO_DEVICE=1", "no NVIDIA GPU"},
      {TUTTI_EMULATED_LIBRARY, "TUTTI_EMULATED_OLD_DRIVER=1", "update the driver"},
  };
  for (const auto& c : cases) {
    const ProgramResult devices = run({"devices"}, {c.environment}, c.library);
    EXPECT_EQ(devices.exit_code, 0);
    EXPECT_THAT(devices.out, HasSubstr("cuda: not available: "));
    EXPECT_THAT(devices.out, HasSubstr(c.reason));
    const ProgramResult asked =
        run({"render", "mix.yaml", "-o", "out", "--device", "cuda"}, {c.environment}, c.library);
    EXPECT_EQ(asked.exit_code, 3);
    EXPECT_THAT(asked.err, HasSubstr(c.reason));
    EXPECT_TRUE(nothing_left());
  }
}

// What a device would do can be said without one, and without the library.
TEST_F(CudaProgram, PlansForADeviceThatIsNotThere) {
  const auto plan = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"plan", "mix.yaml", "--device", "cuda"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments, {}, "/nowhere/libtutti_cuda.so");
  };
  const ProgramResult text = plan({});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("predicted lower bounds, no time here was measured"));
  EXPECT_THAT(text.out, HasSubstr("biquad.filter"));

  const auto document = [&](const std::string& machine) {
    const ProgramResult result = plan({"--json", "-", "--roofline", machine});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out);
  };
  const nlohmann::json full = document("h200");
  EXPECT_EQ(full["device"], "cuda:0");
  EXPECT_TRUE(full.contains("nodes") && full.contains("memory_bytes") && full.contains("estimate_s"));
  // More than with resident stems by their bytes; and a bus of half the rate takes twice as long.
  const nlohmann::json& cold = full["roofline"]["cold"];
  const nlohmann::json& warm = full["roofline"]["warm"];
  EXPECT_EQ(cold["upload_bytes"].get<std::int64_t>() - warm["upload_bytes"].get<std::int64_t>(),
            full["roofline"]["stages"][0]["stem_upload_bytes"].get<std::int64_t>());
  EXPECT_GT(full["roofline"]["stages"][0]["stem_upload_bytes"].get<std::int64_t>(), 0);
  EXPECT_EQ(full["roofline"]["stages"][1]["stem_upload_bytes"], 0);
  std::ofstream(folder_.path() / "slow.json") << R"({"upload_bytes_per_s": 25e9})";
  EXPECT_DOUBLE_EQ(document("slow.json")["roofline"]["cold"]["upload_s"].get<double>(),
                   2 * cold["upload_s"].get<double>());

  const ProgramResult wrong = plan({"--roofline", "abacus"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("abacus"));
  EXPECT_EQ(run({"plan", "mix.yaml", "--device", "cpu", "--roofline", "h100"}, {}).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "mix.wav"));
}

TEST_F(CudaProgram, AutoGoesToTheCpuAndSaysSoOnce) {
  const ProgramResult result = render("auto", {"TUTTI_EMULATED_NO_DEVICE=1"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("on cpu"));
  const std::string reason = "no NVIDIA GPU";
  const auto first = result.out.find(reason);
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(result.out.find(reason, first + 1), std::string::npos);
}

// Every allocation in turn is refused: less look-ahead, or one clear error; never half a file.
TEST_F(CudaProgram, SurvivesEveryAllocationThatIsRefused) {
  int finished = 0;
  for (int n = 1; n < 200; n += n < 40 ? 1 : 11) {
    std::filesystem::remove_all(folder_.path() / "out");
    const ProgramResult result = render("cuda", {"TUTTI_EMULATED_FAIL_ALLOC=" + std::to_string(n)});
    ASSERT_TRUE(result.exit_code == 0 || result.exit_code == 3) << n << ": " << result.err;
    if (result.exit_code == 0) {
      ++finished;
    } else {
      EXPECT_THAT(result.err, HasSubstr("tutti: ")) << n;
      EXPECT_TRUE(nothing_half_written()) << n;
    }
  }
  EXPECT_GT(finished, 0);
}

TEST_F(CudaProgram, TellsOfALaunchThatFailsOrGoesOnOnTheCpu) {
  for (int n = 1; n < 200; n += n < 12 ? 1 : 17) {
    std::filesystem::remove_all(folder_.path() / "out");
    const std::string failure = "TUTTI_EMULATED_FAIL_LAUNCH=" + std::to_string(n);
    const ProgramResult asked = render("cuda", {failure});
    ASSERT_TRUE(asked.exit_code == 0 || asked.exit_code == 3) << n << ": " << asked.err;
    EXPECT_TRUE(asked.exit_code == 0 || nothing_half_written()) << n;
    std::filesystem::remove_all(folder_.path() / "out");
    const ProgramResult automatic = render("auto", {failure});
    ASSERT_EQ(automatic.exit_code, 0) << n << ": " << automatic.err;
  }
}

TEST_F(CudaProgram, RendersTheSameBitsInLittleMemory) {
  ASSERT_EQ(render("cuda", {}).exit_code, 0);
  std::filesystem::rename(folder_.path() / "out", folder_.path() / "roomy");
  const ProgramResult tight = render("cuda", {"TUTTI_EMULATED_MEMORY=30000000"});
  ASSERT_EQ(tight.exit_code, 0) << tight.err;
  const ProgramResult same =
      run({"compare", "out/mix.wav", "roomy/mix.wav", "--tolerance", "-400"}, {});
  EXPECT_EQ(same.exit_code, 0) << same.out;
}

/// A folder of short tracks, mastered.
class CudaCatalogue : public CudaProgram {
 protected:
  CudaCatalogue() {
    for (int t = 0; t < kTracks; ++t)
      folder_.write("in/" + std::to_string(t) + ".wav",
                    wav_bytes(noise(0.02 + 0.04 * t, 2 * (4800 + 333 * t), 1 + t), 2, 8000));
  }

  ProgramResult master(const std::string& out, const std::string& jobs,
                       std::vector<std::string> environment) {
    return run({"master", "in", "-o", out, "--target", "-14", "--ceiling", "-1", "--device", "cuda", "--jobs", jobs,
                "--threads", jobs, "-q"},
               std::move(environment));
  }

  static constexpr int kTracks = 10;
};

TEST_F(CudaCatalogue, TracksSideBySideBecomeTheFilesOfOneAfterTheOther) {
  ASSERT_EQ(master("alone", "1", {}).exit_code, 0);
  for (const std::string streams : {"eager", "late", "random"}) {
    const ProgramResult beside = master(streams, "4", {"TUTTI_EMULATED_STREAMS=" + streams});
    ASSERT_EQ(beside.exit_code, 0) << beside.err;
    for (int t = 0; t < kTracks; ++t) {
      const std::string name = "/" + std::to_string(t) + ".wav";
      EXPECT_FALSE(folder_.read("alone" + name).empty());
      EXPECT_TRUE(folder_.read(streams + name) == folder_.read("alone" + name)) << streams << name;
    }
  }
}

// What fails is told and can be tried again; the next run does the rest.
TEST_F(CudaCatalogue, ADeviceThatFailsLeavesTheRestToTheNextRun) {
  for (const std::string failure : {"TUTTI_EMULATED_FAIL_LAUNCH=60", "TUTTI_EMULATED_FAIL_ALLOC=20"}) {
    std::filesystem::remove_all(folder_.path() / "out");
    const ProgramResult failed = master("out", "4", {failure});
    // An allocation may be one that a track can do without: streams of its own.
    const bool survived = failure.find("ALLOC") != failure.npos && failed.exit_code == 0;
    EXPECT_TRUE(survived || failed.exit_code == 75) << failure << failed.exit_code << failed.err;
    const ProgramResult again = master("out", "4", {});
    EXPECT_EQ(again.exit_code, 0) << again.err;
    for (int t = 0; t < kTracks; ++t)
      EXPECT_EQ(run({"measure", "out/" + std::to_string(t) + ".wav"}, {}).exit_code, 0);
  }
}

}  // namespace
}  // namespace tutti::test
