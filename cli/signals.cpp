// SPDX-License-Identifier: Apache-2.0
#include "cli/signals.hpp"

#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "cli/command_line.hpp"
#include "host/audio/errors.hpp"
#include "host/io/encode.hpp"

namespace tutti::cli {
namespace {

std::atomic<bool> stop{false};
std::atomic<bool> from_terminal{false};

constexpr std::chrono::seconds kSecondPress{2};

bool is_ignored(int signal) {
  struct sigaction action = {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

// A thread that waits for the signals instead of a handler: it may lock, allocate and remove files.
[[noreturn]] void watch(sigset_t signals) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point last_interrupt = Clock::time_point::min();
  for (;;) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    if (signal == SIGINT) {
      const Clock::time_point now = Clock::now();
      if (last_interrupt != Clock::time_point::min() && now - last_interrupt <= kSecondPress) {
        remove_temporaries();
        _exit(kInterrupted);
      }
      last_interrupt = now;
      from_terminal = true;
    }
    stop = true;
  }
}

}  // namespace

void watch_signals() {
  std::signal(SIGPIPE, SIG_IGN);
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
