// SPDX-License-Identifier: Apache-2.0
// Does the emulation notice what it says it notices? Each planted program runs in a child process,
// under several schedules; this build must notice the mistakes that the table gives it, and accuse
// no right program. tests/emulation/matrix.sh puts the builds together.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <exception>

#include "tests/emulation/selftest/planted.hpp"
#include "tests/kernels/support/schedules.hpp"

namespace tutti::cuda {

static void PrintTo(const Planted& planted, std::ostream* out) { *out << planted.name; }

namespace {

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
constexpr unsigned kThisBuild = kAddressBuild;
#elif __has_feature(thread_sanitizer) || defined(__SANITIZE_THREAD__)
constexpr unsigned kThisBuild = kThreadBuild;
#elif __has_feature(memory_sanitizer)
constexpr unsigned kThisBuild = kMemoryBuild;
#else
constexpr unsigned kThisBuild = kPlainBuild;
#endif

// How a child ends. Sanitizers end it with codes of their own.
constexpr int kSilent = 0;
constexpr int kReported = 10;
constexpr int kSchedulesDiffer = 11;
constexpr int kPoison = 12;
constexpr int kThrew = 13;

std::vector<Planted> all_planted() {
  std::vector<Planted> all;
  for (auto* part : {planted_barriers, planted_warps, planted_memory, planted_races,
                     planted_streams, planted_stream_memory, planted_graphs, planted_ffts}) {
    for (Planted& planted : part()) all.push_back(std::move(planted));
  }
  return all;
}

bool holds_nan(const std::vector<float>& values) {
  for (const float value : values) {
    if (std::isnan(value)) return true;
  }
  return false;
}

struct Schedule {
  cudacpu::Order order;
  cudacpu::Streams streams;
};
constexpr Schedule kSchedules[] = {
    {cudacpu::Order::forward, cudacpu::Streams::eager},
    {cudacpu::Order::reverse, cudacpu::Streams::late},
    {cudacpu::Order::random, cudacpu::Streams::random},
    {cudacpu::Order::random, cudacpu::Streams::random},
};

int verdict(const Planted& planted) {
  cudacpu::set_abort_on_mistake(false);
  std::vector<float> first;
  unsigned seed = 11;
  for (const Schedule& schedule : kSchedules) {
    cudacpu::set_order(schedule.order, seed);
    cudacpu::set_streams(schedule.streams, seed);
    std::vector<float> result;
    bool threw = false;
    try {
      result = planted.run();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      threw = true;
    }
    const std::string report = cudacpu::take_report();
    if (!report.empty()) {
      std::fputs(report.c_str(), stderr);
      return kReported;
    }
    if (threw) return kThrew;
    if (holds_nan(result)) return kPoison;
    if (seed == 11) {
      first = result;
    } else if (!same_bits(first, result)) {
      return kSchedulesDiffer;
    }
    ++seed;
  }
  return kSilent;
}

int run_in_child(const Planted& planted) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    if (std::getenv("TUTTI_EMULATED_SHOW") == nullptr) {
      static_cast<void>(std::freopen("/dev/null", "w", stderr));
    }
    _exit(verdict(planted));
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

std::string describe(int status) {
  if (WIFSIGNALED(status)) return "trap, signal " + std::to_string(WTERMSIG(status));
  switch (WEXITSTATUS(status)) {
    case kSilent:
      return "silent";
    case kReported:
      return "reported";
    case kSchedulesDiffer:
      return "schedules differ";
    case kPoison:
      return "NaN";
    case kThrew:
      return "threw";
    case 1:
      return "ASan or UBSan";
    case 66:
      return "TSan";
    case 77:
      return "MSan";
    default:
      return "exit " + std::to_string(WEXITSTATUS(status));
  }
}

class Selftest : public testing::TestWithParam<Planted> {};

TEST_P(Selftest, NoticesWhatItMustAndAccusesNobodyElse) {
  const Planted& planted = GetParam();
  const int status = run_in_child(planted);
  const bool silent = WIFEXITED(status) && WEXITSTATUS(status) == kSilent;
  std::printf("outcome %s: %s\n", planted.name, describe(status).c_str());
  if (planted.caught_by == 0) {
    EXPECT_TRUE(silent) << "a right program was accused: " << describe(status);
  } else if ((planted.caught_by & kThisBuild) != 0) {
    EXPECT_FALSE(silent);
  }
}

INSTANTIATE_TEST_SUITE_P(Planted, Selftest, testing::ValuesIn(all_planted()),
                         [](const auto& planted) { return std::string(planted.param.name); });

}  // namespace
}  // namespace tutti::cuda
