// SPDX-License-Identifier: Apache-2.0
// The program run as a process, as a shell would.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace tutti::test {

struct ProgramResult {
  int exit_code = -1;  ///< 128 + signal when a signal ended it
  std::string out, err;
  long peak_memory_kib = 0;  ///< resident
};

struct ProgramRun {
  std::vector<std::string> arguments;
  std::filesystem::path directory;  ///< working directory; empty: this process's
  std::vector<std::string> environment;  ///< NAME=value, added to this process's
  std::string stdout_path;          ///< standard output goes there instead of into the result
  long largest_file_bytes = 0;      ///< > 0: `ulimit -f`
  int signal = 0;                   ///< > 0: sent to the program after `signal_after_ms`
  int signal_count = 1;             ///< sent so often, `signal_after_ms` apart
  int signal_after_ms = 0;
  bool close_stdout_reader = false;  ///< standard output is a pipe that nobody reads
};

ProgramResult run_program(const ProgramRun& run);

/// run_program with arguments only.
ProgramResult tutti_program(std::vector<std::string> arguments,
                            const std::filesystem::path& directory = {});

}  // namespace tutti::test
