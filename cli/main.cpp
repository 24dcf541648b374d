// SPDX-License-Identifier: Apache-2.0
// Finds the command, runs it, and turns whatever ended it into an exit code and a line.
#include <CLI/Error.hpp>
#include <algorithm>
#include <new>

#include "cli/command_line.hpp"
#include "cli/load_session.hpp"
#include "cli/output.hpp"
#include "cli/signals.hpp"
#include "cli/version.hpp"
#include "host/audio/errors.hpp"
#include "host/catalogue/errors.hpp"
#include "host/report/terminal_text.hpp"
#include "host/session/issues.hpp"

namespace tutti::cli {
namespace {

constexpr Command kCommands[] = {
    {"init", "write a starter session for a folder of stems", run_init},
    {"check", "report everything that is wrong with a session and its files", run_check},
    {"plan", "show what a render would do", run_plan},
    {"render", "mix, master and write every output of a session", run_render},
    {"master", "master finished mixes: a file, many files, folders, a manifest", run_master},
    {"measure", "loudness and level report of audio files", run_measure},
    {"compare", "null test of two files", run_compare},
    {"bench", "the same session on each device: times, speed-up, null", run_bench},
    {"catalogue", "a bulk job step by step, over shards and machines", run_catalogue},
    {"presets", "the delivery targets with their figures, sources and dates", run_presets},
    {"schema", "the JSON Schema of a session", run_schema},
    {"devices", "the devices that can be used, and why another can not", run_devices},
};

// Names that are settled but not built: scripts learn so by exit code 2, not by a strange error.
constexpr const char* kLaterCommands[] = {"album", "import"};

std::string program_help() {
  std::string text = "Example:\n  tutti render mix.yaml -o out\n";
  text += "  mixes and masters what mix.yaml names and writes its outputs under out\n\n";
  text += "Usage: tutti COMMAND [ARGUMENTS]\n\nCommands:\n";
  for (const Command& command : kCommands) {
    std::string name = command.name;
    name.resize(12, ' ');
    text += "  " + name + command.summary + "\n";
  }
  text += "\nOptions:\n  -h, --help  print this help; after a command, that command's\n";
  text += "  --version   print the versions of the program and of every library in use\n\n";
  text += "Exit codes: 0 done, 1 a comparison or quality gate failed, 2 the input is wrong,\n";
  text += "3 the run failed, 75 stopped or out of something for now, 130 interrupted.\n";
  return text;
}

[[noreturn]] void refuse_command(const std::string& name) {
  for (const char* later : kLaterCommands)
    if (name == later) throw UsageError("this version of tutti does not have the command " + name);
  std::vector<std::string> names;
  for (const Command& command : kCommands) names.emplace_back(command.name);
  const std::string guess = did_you_mean(name, names);
  throw UsageError((name.rfind('-', 0) == 0 ? "unknown option " : "unknown command ") +
                   printable(name) + (guess.empty() ? "" : "; did you mean " + guess + "?") +
                   " (tutti --help lists the commands)");
}

int run(Arguments arguments) {
  if (arguments.empty()) throw UsageError("no command given\n\n" + program_help());
  const std::string name = arguments.front();
  arguments.erase(arguments.begin());
  if (name == "--version") return print(version_text()), kDone;
  if (name == "help" && !arguments.empty()) return run({arguments.front(), "--help"});
  if (name == "-h" || name == "--help" || name == "help") return print(program_help()), kDone;
  for (const Command& command : kCommands)
    if (name == command.name) return command.run(arguments);
  refuse_command(name);
}

int fail(int code, const std::string& message) {
  print_error("tutti: " + printable_lines(message) + "\n");
  return code;
}

int fail(const SessionError& error) {
  std::size_t errors = 0;
  for (const Issue& issue : error.issues()) {
    print_error(issue_text(issue, error.source()));
    errors += issue.severity == Severity::error;
  }
  return fail(kWrongInput, std::to_string(errors) + (errors == 1 ? " error" : " errors") +
                               "; nothing was written");
}

int fail(const CLI::ParseError& error) {
  std::string message = error.what();
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError))
    message += " (a name that starts with a dash goes after --)";
  return fail(kWrongInput, message);
}

// The one place that catches: what ended a command becomes its exit code.
int guarded(const Arguments& arguments) {
  try {
    const int code = run(arguments);
    finish_output();
    return code;
  } catch (const SessionError& error) {
    return fail(error);
  } catch (const CLI::ParseError& error) {
    return fail(error);
  } catch (const UsageError& error) {
    return fail(kWrongInput, error.what());
  } catch (const CatalogueError& error) {
    return fail(kWrongInput, error.what());
  } catch (const IoError& error) {
    return fail(error.fault() == IoFault::exhausted ? kStopped : kWrongInput, error.what());
  } catch (const DeviceError& error) {
    return fail(kRunFailed, error.what());
  } catch (const Cancelled&) {
    return fail(stopped_from_terminal() ? kInterrupted : kStopped,
                "stopped; nothing half-written is left, the same command starts again");
  } catch (const std::bad_alloc&) {
    return fail(kStopped,
                "out of memory; close other programs or give --max-memory a smaller size");
  } catch (const std::exception& error) {
    return fail(kRunFailed, std::string("internal error: ") + error.what());
  }
}

}  // namespace
}  // namespace tutti::cli

int main(int argc, char** argv) {
  tutti::cli::watch_signals();
  return tutti::cli::guarded(tutti::cli::Arguments(argv + std::min(argc, 1), argv + argc));
}
