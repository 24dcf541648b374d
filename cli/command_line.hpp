// SPDX-License-Identifier: Apache-2.0
// What every command is made of: its arguments, its help and its place in the list.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace tutti::cli {

/// Exit codes that scripts lean on.
enum ExitCode {
  kDone = 0,
  kGateFailed = 1,    ///< a comparison or a quality gate failed
  kWrongInput = 2,    ///< arguments, session, unreadable file: nothing was written
  kRunFailed = 3,     ///< the run failed
  kStopped = 75,      ///< stopped or out of something for now: the same command goes on
  kInterrupted = 130  ///< interrupted at the terminal
};

/// The arguments are wrong: exit 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The words after the command's name, in order.
using Arguments = std::vector<std::string>;

/// One command of the program.
struct Command {
  const char* name;
  const char* summary;  ///< one line of the list in `tutti --help`
  int (*run)(const Arguments& arguments);
};

/// The parser of one command's arguments; its help starts with one worked example.
class CommandLine : public CLI::App {
 public:
  /// `example` is a command as typed and, in the lines after it, what it does.
  CommandLine(const std::string& name, const std::string& description, const std::string& example);

  /// Reads the arguments into the options' variables. False: the help was asked for and has been
  /// printed. Throws CLI::ParseError.
  bool read(Arguments arguments);

  std::string help_text() const;

 private:
  std::string description_, example_;
};

/// `--json [FILE]`: where the document goes. Given without a value it means standard output.
class JsonOption {
 public:
  explicit JsonOption(CommandLine& line);
  /// "" when not given, "-" for standard output.
  const std::string& path() const { return path_; }
  bool on_standard_output() const { return path_ == "-"; }
  /// `tutti check --json mix.yaml`: the value stands where the one input should, which is missing;
  /// moves it there.
  void give_back(std::string& missing_input);

 private:
  std::string path_;
};

int run_init(const Arguments& arguments);
int run_check(const Arguments& arguments);
int run_plan(const Arguments& arguments);
int run_render(const Arguments& arguments);
int run_master(const Arguments& arguments);
int run_measure(const Arguments& arguments);
int run_compare(const Arguments& arguments);
int run_bench(const Arguments& arguments);
int run_devices(const Arguments& arguments);
int run_presets(const Arguments& arguments);
int run_schema(const Arguments& arguments);
int run_catalogue(const Arguments& arguments);

}  // namespace tutti::cli
