// SPDX-License-Identifier: Apache-2.0
// Doing the items: those of a shard, or those that failed.
#include <map>
#include <set>

#include "cli/catalogue.hpp"
#include "cli/master_job.hpp"
#include "cli/output.hpp"
#include "host/catalogue/results.hpp"

namespace tutti::cli {
namespace {

/// What both commands are told.
struct RenderCommand {
  explicit RenderCommand(CommandLine& line) : master(line), shown(line) {
    add_manifest_option(line, manifest);
    add_out_option(line, out);
  }

  void check(const char* command) const {
    require_option(manifest, command, "--manifest FILE");
    require_option(out, command, "-o DIR");
  }

  MasterArguments master;
  JobOutput shown;
  std::string manifest, out;
};

/// The items that failed last, with their albums: these share a gain.
Manifest failed_items(Manifest manifest, const std::filesystem::path& out) {
  const std::map<std::string, ItemResult> results = latest_results(out);
  const auto failed = [&](const CatalogueItem& item) {
    const auto found = results.find(item.id);
    return found != results.end() && found->second.status == ItemResult::Status::failed;
  };
  std::set<std::string> albums;
  for (const CatalogueItem& item : manifest.items)
    if (!item.album.empty() && failed(item)) albums.insert(item.album);
  std::erase_if(manifest.items, [&](const CatalogueItem& item) {
    return !failed(item) && (item.album.empty() || albums.count(item.album) == 0);
  });
  return manifest;
}

}  // namespace

int run_catalogue_render(const Arguments& arguments) {
  CommandLine line("catalogue render",
                   "Master the items of a shard. What is done already is skipped; what fails is told "
                   "and does not stop the rest.",
                   "tutti catalogue render --manifest music.jsonl -o out --shard 3/12 --target -16\n"
                   "  does the fourth of twelve parts of music.jsonl");
  RenderCommand command(line);
  std::string shard;
  line.add_option("--shard", shard,
                  "Which part of how many, from 0; env/N takes the index from the batch engine")
      ->type_name("I/N");
  if (!line.read(arguments)) return kDone;
  command.check("render");
  const ShardChoice choice = shard.empty() ? ShardChoice{} : parse_shard(shard);
  const MasterOptions options = command.master.take(command.shown.quiet());
  return run_master_job(read_manifest(command.manifest), options, command.out, choice,
                        command.shown);
}

int run_catalogue_retry(const Arguments& arguments) {
  CommandLine line("catalogue retry",
                   "Master again what failed last, for good or not. The settings are those of the "
                   "render.",
                   "tutti catalogue retry --manifest music.jsonl -o out --target -16\n"
                   "  does the items that the last runs could not");
  RenderCommand command(line);
  if (!line.read(arguments)) return kDone;
  command.check("retry");
  const MasterOptions options = command.master.take(command.shown.quiet());
  Manifest manifest = failed_items(read_manifest(command.manifest), command.out);
  const JobOutput& shown = command.shown;
  if (manifest.items.empty() && !shown.quiet() && shown.json() != "-" && shown.html() != "-")
    print("nothing failed\n");
  return run_master_job(std::move(manifest), options, command.out, {}, shown);
}

}  // namespace tutti::cli
