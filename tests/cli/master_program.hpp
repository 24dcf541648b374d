// SPDX-License-Identifier: Apache-2.0
// The mastering program with a small catalogue of its own.
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/cli/run_program.hpp"
#include "tests/cli/temporary_folder.hpp"

namespace tutti::test {

class MasterProgram : public ::testing::Test {
 protected:
  ProgramResult run(std::vector<std::string> arguments, int kill_after_ms = 0) const {
    ProgramRun run;
    run.arguments = std::move(arguments);
    run.directory = folder_.path();
    run.environment = {"TUTTI_CUDA_LIBRARY=/nowhere"};
    run.signal = kill_after_ms > 0 ? SIGKILL : 0;
    run.signal_after_ms = kill_after_ms;
    return run_program(run);
  }

  ProgramResult master(const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"master", "in", "-o", out, "--target", "-16", "--device",
                                          "cpu",    "-q"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }

  /// `count` short pieces of noise in folders of ten.
  void write_catalogue(int count) const {
    for (int i = 0; i < count; ++i)
      folder_.write("in/" + std::to_string(i / 10) + "/" + std::to_string(i) + ".wav",
                    wav_bytes(noise(0.02 + 0.004 * (i % 40), 2 * 4800, 1 + i), 2, 8000));
  }

  /// Every file under a folder by its name, but notes about failures.
  std::map<std::string, std::string> contents(const std::string& out) const {
    std::map<std::string, std::string> files;
    const auto root = folder_.path() / out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      const std::string name = entry.path().lexically_relative(root).string();
      if (entry.is_regular_file() && !name.starts_with("results/"))
        files[name] = folder_.read(out + "/" + name);
    }
    return files;
  }

  std::string sha256sum(const std::string& name) const {
    const std::string sum = folder_.file("sum");
    if (std::system(("sha256sum '" + folder_.file(name) + "' >'" + sum + "'").c_str()) != 0) return {};
    return folder_.read("sum").substr(0, 64);
  }

  TemporaryFolder folder_;
};

}  // namespace tutti::test
