// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/run_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace tutti::test {
namespace {

struct Pipe {
  int read_end = -1, write_end = -1;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close_end(read_end);
    close_end(write_end);
  }
  Pipe(const Pipe&) = delete;
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

[[noreturn]] void become_program(const ProgramRun& run, const Pipe& out, const Pipe& err) {
  if (!run.directory.empty() && chdir(run.directory.c_str()) != 0) _exit(120);
  int stdout_end = out.write_end;
  if (!run.stdout_path.empty()) stdout_end = open(run.stdout_path.c_str(), O_WRONLY);
  dup2(stdout_end, STDOUT_FILENO);
  dup2(err.write_end, STDERR_FILENO);
  std::vector<char*> argv = {const_cast<char*>(TUTTI_PROGRAM)};
  for (const std::string& argument : run.arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const auto largest = static_cast<rlim_t>(run.largest_file_bytes);
  const rlimit limit = {largest, largest};
  if (largest > 0 && setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(122);
  for (const std::string& setting : run.environment) putenv(const_cast<char*>(setting.c_str()));
  execv(TUTTI_PROGRAM, argv.data());
  _exit(121);
}

// Reads both pipes to their ends, whichever speaks first.
void drain(Pipe& out, Pipe& err, ProgramResult& result) {
  pollfd polled[2] = {{out.read_end, POLLIN, 0}, {err.read_end, POLLIN, 0}};
  std::string* const texts[2] = {&result.out, &result.err};
  int open_pipes = (out.read_end >= 0) + (err.read_end >= 0);
  while (open_pipes > 0) {
    poll(polled, 2, -1);
    for (int i = 0; i < 2; ++i) {
      if (polled[i].fd < 0 || polled[i].revents == 0) continue;
      char buffer[65536];
      const ssize_t count = read(polled[i].fd, buffer, sizeof buffer);
      if (count > 0) {
        texts[i]->append(buffer, static_cast<std::size_t>(count));
      } else {
        polled[i].fd = -1;
        --open_pipes;
      }
    }
  }
}

}  // namespace

ProgramResult run_program(const ProgramRun& run) {
  Pipe out, err;
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) become_program(run, out, err);
  Pipe::close_end(out.write_end);
  Pipe::close_end(err.write_end);
  if (run.close_stdout_reader) Pipe::close_end(out.read_end);
  for (int i = 0; run.signal > 0 && i < run.signal_count; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(run.signal_after_ms));
    kill(child, run.signal);
  }
  ProgramResult result;
  drain(out, err, result);
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  result.peak_memory_kib = usage.ru_maxrss;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

ProgramResult tutti_program(std::vector<std::string> arguments,
                            const std::filesystem::path& directory) {
  ProgramRun run;
  run.arguments = std::move(arguments);
  run.directory = directory;
  return run_program(run);
}

}  // namespace tutti::test
