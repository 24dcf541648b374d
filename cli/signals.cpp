// SPDX-License-Identifier: Apache-2.0
#include "cli/signals.hpp"

#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <thread>

#include "cli/command_line.hpp"
#include "host/audio/errors.hpp"
#include "host/io/encode.hpp"

namespace tutti::cli {
namespace {

std::atomic<bool> stop{false};
std::atomic<bool> from_terminal{false};

constexpr std::chrono::seconds kSecondPress{2};
// After this a stop is forced: whoever blocks for so long (a pipe that nobody writes to, a network
// share that has gone) does not look at the flag.
constexpr int kGraceSeconds = 10;

bool is_ignored(int signal) {
  struct sigaction action = {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

[[noreturn]] void leave_at_once() {
  remove_temporaries();
  _exit(from_terminal ? kInterrupted : kStopped);
}

// A thread that waits for the signals instead of a handler: it may lock, allocate and remove files.
[[noreturn]] void watch(sigset_t signals) {
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> last_interrupt;
  for (;;) {
    const timespec grace = {kGraceSeconds, 0};
    const int signal =
        stop ? sigtimedwait(&signals, nullptr, &grace) : sigwaitinfo(&signals, nullptr);
    if (signal < 0 && errno == EAGAIN) leave_at_once();
    if (signal == SIGINT) {
      const Clock::time_point now = Clock::now();
      from_terminal = true;
      if (last_interrupt && now - *last_interrupt <= kSecondPress) leave_at_once();
      last_interrupt = now;
    }
    if (signal > 0) stop = true;
  }
}

}  // namespace

void watch_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    if (!is_ignored(signal)) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread(watch, signals).detach();
}

const std::atomic<bool>& stop_flag() { return stop; }

bool stopped_from_terminal() { return from_terminal; }

void throw_if_stopped() {
  if (stop) throw Cancelled();
}

}  // namespace tutti::cli
