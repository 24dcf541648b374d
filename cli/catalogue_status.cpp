// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/status.hpp"

#include "cli/catalogue.hpp"
#include "cli/output.hpp"

namespace tutti::cli {

int run_catalogue_status(const Arguments& arguments) {
  CommandLine line(
      "catalogue status",
      "Say what of a job is done, from the sidecars beside its outputs and the result "
      "lines of its runs. Exit 1 when something is left.",
      "tutti catalogue status --manifest music.jsonl -o out --shards 12 --json -\n"
      "  prints {\"done\", \"missing\", \"stale\", \"failed\", \"shards\": [...]}: the "
      "shards that have something to do");
  std::string manifest, out;
  int shards = 1;
  add_manifest_option(line, manifest);
  add_out_option(line, out);
  add_shards_option(line, shards);
  JsonOption json(line);
  if (!line.read(arguments)) return kDone;
  require_option(manifest, "status", "--manifest FILE");
  require_option(out, "status", "-o DIR");
  check_document_path(json.path(), DocumentKind::json, {&manifest, 1});
  const CatalogueStatus status = catalogue_status(read_manifest(manifest), out, shards);
  if (!json.on_standard_output()) print(status_text(status, shards));
  write_document(json.path(), DocumentKind::json, status_json(status));
  return status.all_done() ? kDone : kGateFailed;
}

}  // namespace tutti::cli
