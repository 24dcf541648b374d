// SPDX-License-Identifier: Apache-2.0
// Environment variables disturb a program from outside, as end-to-end tests of the renderer do it.
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>

namespace tutti::cuda {
namespace {

std::string probe(const std::string& variables) {
  const std::string command = variables + " " + TUTTI_EMULATION_PROBE;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  std::string text;
  char part[256];
  while (pipe && std::fgets(part, sizeof part, pipe.get()) != nullptr) text += part;
  return text;
}

TEST(Environment, UndisturbedEverythingWorks) {
  EXPECT_EQ(probe(""),
            "count cudaSuccess 1\nproperties cudaSuccess\nmemory 8589934592\n"
            "allocation cudaSuccess\nallocation cudaSuccess\nallocation cudaSuccess\n"
            "launch accepted\nsynchronised cudaSuccess\n"
            "launch accepted\nsynchronised cudaSuccess\n"
            "launch accepted\nsynchronised cudaSuccess\n");
}

TEST(Environment, TakesTheDeviceAwayAndLeavesTheCountAlone) {
  EXPECT_EQ(probe("TUTTI_EMULATED_NO_DEVICE=1"), "count cudaErrorNoDevice -1\n");
}

TEST(Environment, MakesTheDriverOld) {
  EXPECT_EQ(probe("TUTTI_EMULATED_OLD_DRIVER=1"), "count cudaErrorInsufficientDriver -1\n");
}

TEST(Environment, FailsOneAllocation) {
  EXPECT_NE(probe("TUTTI_EMULATED_FAIL_ALLOC=1")
                .find("allocation cudaSuccess\nallocation cudaErrorMemoryAllocation\n"
                      "allocation cudaSuccess\n"),
            std::string::npos);
}

TEST(Environment, LimitsMemory) {
  const std::string text = probe("TUTTI_EMULATED_MEMORY=999");
  EXPECT_NE(text.find("memory 999\nallocation cudaErrorMemoryAllocation\n"), std::string::npos);
}

TEST(Environment, LosesTheDeviceAtALaunchForGood) {
  EXPECT_NE(probe("TUTTI_EMULATED_FAIL_LAUNCH=1")
                .find("launch accepted\nsynchronised cudaSuccess\n"
                      "launch accepted\nsynchronised cudaErrorLaunchFailure\n"
                      "launch refused\nsynchronised cudaErrorLaunchFailure\n"),
            std::string::npos);
}

TEST(Environment, SetsSchedules) {
  const std::string disturbed =
      probe("TUTTI_EMULATED_ORDER=random TUTTI_EMULATED_STREAMS=late TUTTI_EMULATED_SEED=3");
  EXPECT_EQ(disturbed, probe(""));
}

TEST(Environment, RefusesWordsThatItDoesNotKnow) {
  EXPECT_EQ(probe("TUTTI_EMULATED_ORDER=sideways 2>/dev/null"), "");
}

}  // namespace
}  // namespace tutti::cuda
