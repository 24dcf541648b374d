// SPDX-License-Identifier: Apache-2.0
#include "cli/catalogue.hpp"

#include <CLI/Validators.hpp>

#include "cli/output.hpp"
#include "host/catalogue/shards.hpp"
#include "host/report/terminal_text.hpp"
#include "host/session/issues.hpp"

namespace tutti::cli {
namespace {

constexpr Command kSubcommands[] = {
    {"scan", "make a manifest from folders and tags", run_catalogue_scan},
    {"plan", "show which shard does what", run_catalogue_plan},
    {"render", "do the items of a shard", run_catalogue_render},
    {"retry", "do again what failed", run_catalogue_retry},
    {"status", "what is done, and which shards to run again", run_catalogue_status},
    {"report", "one CSV, JSON or page of all that was done", run_catalogue_report},
    {"verify", "hash originals and outputs again", run_catalogue_verify},
    {"gc", "remove what killed processes left behind", run_catalogue_gc},
    {"bag", "pack the outputs with their checksums (BagIt)", run_catalogue_bag},
    {"submit", "run the shards on Slurm, or with GNU parallel", run_catalogue_submit},
};

std::string catalogue_help() {
  std::string text = "Example:\n  tutti catalogue scan music -o music.jsonl\n";
  text +=
      "  tutti catalogue submit --engine slurm --manifest music.jsonl -o out --shards 12 "
      "-- --target -16\n";
  text += "  lists what is to be done, and does it on a cluster\n\n";
  text += "The bulk job step by step, over shards and machines.\n\n";
  text += "Usage: tutti catalogue COMMAND [ARGUMENTS]\n\nCommands:\n";
  for (const Command& command : kSubcommands) {
    std::string name = command.name;
    name.resize(12, ' ');
    text += "  " + name + command.summary + "\n";
  }
  return text + "\nEach has its own --help.\n";
}

[[noreturn]] void refuse_subcommand(const std::string& name) {
  std::vector<std::string> names;
  for (const Command& command : kSubcommands) names.emplace_back(command.name);
  const std::string guess = did_you_mean(name, names);
  throw UsageError("unknown command catalogue " + printable(name) +
                   (guess.empty() ? "" : "; did you mean " + guess + "?") +
                   " (tutti catalogue --help lists them)");
}

}  // namespace

int run_catalogue(const Arguments& arguments) {
  if (arguments.empty()) throw UsageError("no command given\n\n" + catalogue_help());
  const std::string& name = arguments.front();
  if (name == "-h" || name == "--help") return print(catalogue_help()), kDone;
  for (const Command& command : kSubcommands)
    if (name == command.name) return command.run({arguments.begin() + 1, arguments.end()});
  refuse_subcommand(name);
}

void add_manifest_option(CommandLine& line, std::string& manifest) {
  line.add_option("--manifest", manifest, "What is to be done: .jsonl or .csv, one item a line")
      ->type_name("FILE");
}

void add_out_option(CommandLine& line, std::string& out) {
  line.add_option("-o,--output", out, "The folder of the outputs")->type_name("DIR");
}

void add_shards_option(CommandLine& line, int& shards) {
  line.add_option("--shards", shards, "How many parts the job has; the same in every command")
      ->check(CLI::Range(1, kMaximumShards))
      ->option_text("N");
}

void require_option(const std::string& value, const char* command, const char* option) {
  if (value.empty())
    throw UsageError(std::string("catalogue ") + command + " needs " + option +
                     " (tutti catalogue " + command + " --help shows an example)");
}

}  // namespace tutti::cli
