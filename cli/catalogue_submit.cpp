// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "cli/catalogue.hpp"
#include "cli/master_job.hpp"
#include "cli/master_options.hpp"
#include "cli/master_plan.hpp"
#include "cli/output.hpp"
#include "host/audio/errors.hpp"
#include "host/catalogue/batch_script.hpp"
#include "host/catalogue/status.hpp"
#include "host/io/output_file.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti::cli {
namespace {

namespace fs = std::filesystem;

struct SubmitArguments {
  std::string engine, manifest, out, program;
  bool print_only = false;
  BatchJob job;
};

void add_engine_options(CommandLine& line, BatchJob& job) {
  line.add_option("--gres", job.gres, "Slurm: what a task needs, like gpu:1")->option_text("GRES");
  line.add_option("--time", job.time_limit, "Slurm: time limit of a task")->option_text("H:MM:SS");
  line.add_option("--warn", job.warning_s, "Slurm: seconds before that limit to stop by itself")
      ->check(CLI::Range(1, 65535))
      ->option_text("S (60)");
  line.add_option("--sbatch", job.sbatch_options, "Slurm: one more option of sbatch, repeatable")
      ->allow_extra_args(false)
      ->option_text("OPTION");
  line.add_option("--jobs", job.jobs, "parallel: shards at the same time")
      ->check(CLI::Range(1, 1024))
      ->option_text("N (1)");
  line.add_option("--gpus", job.gpus, "parallel: devices to spread the shards over")
      ->check(CLI::Range(0, 64))
      ->option_text("N");
}

bool read_arguments(const Arguments& arguments, SubmitArguments& to) {
  CommandLine line(
      "catalogue submit",
      "Run the shards that have something to do on a batch engine: as a Slurm job "
      "array, or here with GNU parallel. What follows -- goes to catalogue render.",
      "tutti catalogue submit --engine slurm --manifest music.jsonl -o out --shards 12 "
      "-- --target -16\n  submits an array of 12 tasks and a report after it; run it "
      "again to submit only what is left");
  line.add_option("--engine", to.engine, "What runs the shards")
      ->check(CLI::IsMember({"slurm", "parallel"}))
      ->option_text("slurm|parallel");
  add_manifest_option(line, to.manifest);
  add_out_option(line, to.out);
  add_shards_option(line, to.job.shard_count);
  line.add_flag("--print", to.print_only, "Print the script and do nothing");
  line.add_option("--program", to.program, "The program on the machines (default: this one)")
      ->type_name("FILE");
  line.add_option("--attempts", to.job.attempts, "How often a shard is tried that says 'again'")
      ->check(CLI::Range(1, 100))
      ->option_text("N (3)");
  add_engine_options(line, to.job);
  line.add_option("render", to.job.render_options, "Options of catalogue render")
      ->option_text("-- OPTION...");
  return line.read(arguments);
}

/// What the tasks are told. What they would refuse is refused here, before any of them runs.
struct TaskArguments {
  explicit TaskArguments(const std::vector<std::string>& options) {
    if (!line.read(options)) throw UsageError("--help after -- is no option for the tasks");
    taken = master.take(true);
  }

  CommandLine line{"catalogue render", "What follows -- in catalogue submit.",
                   "tutti catalogue submit ... -- --target -16"};
  MasterArguments master{line};
  JobOutput shown{line};
  MasterOptions taken;
};

std::string absolute_file(const std::string& file) {
  return fs::absolute(file).lexically_normal().string();
}

/// The options with their files' whole paths: a task starts in a folder of its own.
std::vector<std::string> with_absolute_files(std::vector<std::string> options) {
  for (std::size_t i = 0; i < options.size(); ++i)
    for (const std::string option : {"--chain", "--json", "--report"}) {
      std::string& word = options[i];
      const bool has_value = i + 1 < options.size() && !options[i + 1].starts_with('-');
      if (word == option && has_value) options[i + 1] = absolute_file(options[i + 1]);
      if (word.starts_with(option + "=") && word != option + "=-")
        word = option + "=" + absolute_file(word.substr(option.size() + 1));
    }
  return options;
}

fs::path own_path() {
  std::error_code error;
  const fs::path path = fs::read_symlink("/proc/self/exe", error);
  if (error) throw UsageError("where this program lies is not known: give --program FILE");
  return path;
}

void complete(SubmitArguments& a) {
  require_option(a.engine, "submit", "--engine slurm|parallel");
  require_option(a.manifest, "submit", "--manifest FILE");
  require_option(a.out, "submit", "-o DIR");
  const TaskArguments tasks(a.job.render_options);
  a.job.render_options = with_absolute_files(a.job.render_options);
  if (const char* const presets = std::getenv("TUTTI_PRESETS"))
    a.job.presets = absolute_file(presets);
  a.job.program = a.program.empty() ? own_path() : fs::absolute(a.program);
  a.job.manifest = fs::absolute(a.manifest).lexically_normal();
  a.job.out = fs::absolute(a.out).lexically_normal();
  a.job.report_options = tasks.master.chain().words();
  const Manifest manifest = with_albums(read_manifest(a.manifest), tasks.taken);
  const AskedOutputs asked = asked_outputs(manifest, tasks.taken, a.out);
  a.job.shards = catalogue_status(manifest, a.out, a.job.shard_count, &asked).shards;
}

/// The script stays beside the logs: who wonders later what was run can read it.
fs::path written(const SubmitArguments& a, const std::string& script) {
  WriteSpec spec;
  spec.path = a.job.out / "logs" / (a.engine + ".sh");
  spec.overwrite = true;
  spec.digests = false;
  io::OutputFile file(spec);
  file.append(script.data(), script.size());
  file.commit();
  return spec.path;
}

/// The shell takes this process's place, with the signals as a program finds them: what a batch
/// engine or a terminal sends is for the script.
[[noreturn]] void become_script(const fs::path& script) {
  finish_output();
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  for (const int signal : {SIGPIPE, SIGXFSZ}) ::signal(signal, SIG_DFL);
  ::execl("/bin/bash", "bash", script.c_str(), nullptr);
  throw IoError("/bin/bash", std::strerror(errno), IoFault::output);
}

}  // namespace

int run_catalogue_submit(const Arguments& arguments) {
  SubmitArguments a;
  if (!read_arguments(arguments, a)) return kDone;
  complete(a);
  if (a.job.shards.empty()) {
    print_error("nothing is left to run: tutti catalogue status shows what failed for good\n");
    return kDone;
  }
  const std::string script = a.engine == "slurm" ? slurm_script(a.job) : parallel_script(a.job);
  if (a.print_only) return print(script), kDone;
  become_script(written(a, script));
}

}  // namespace tutti::cli
