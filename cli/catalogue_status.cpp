// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/status.hpp"

#include <optional>
#include <utility>

#include "cli/catalogue.hpp"
#include "cli/master_plan.hpp"
#include "cli/output.hpp"

namespace tutti::cli {

int run_catalogue_status(const Arguments& arguments) {
  CommandLine line(
      "catalogue status",
      "Say what of a job is done, from the sidecars beside its outputs and the result "
      "lines of its runs. With the options that say what to master to, those of the render, "
      "also what was made to other settings. Exit 1 when something is left.",
      "tutti catalogue status --manifest music.jsonl -o out --shards 12 --target -16 --json -\n"
      "  prints {\"done\", \"missing\", \"stale\", \"failed\", \"shards\": [...]}: the "
      "shards that have something to do");
  std::string file, out;
  int shards = 1;
  add_manifest_option(line, file);
  add_out_option(line, out);
  add_shards_option(line, shards);
  const ChainArguments chain(line);
  JsonOption json(line);
  if (!line.read(arguments)) return kDone;
  require_option(file, "status", "--manifest FILE");
  require_option(out, "status", "-o DIR");
  check_document_path(json.path(), DocumentKind::json, {&file, 1});
  Manifest manifest = read_manifest(file);
  std::optional<AskedOutputs> asked;
  if (chain.given()) {
    const ChainOptions options = chain.take(true);
    manifest = with_albums(std::move(manifest), options);
    asked.emplace(asked_outputs(manifest, options, out));
  }
  const CatalogueStatus status =
      catalogue_status(manifest, out, shards, asked ? &*asked : nullptr);
  if (!json.on_standard_output()) print(status_text(status, shards));
  write_document(json.path(), DocumentKind::json, status_json(status));
  return status.all_done() ? kDone : kGateFailed;
}

}  // namespace tutti::cli
