// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/catalogue_report.hpp"

#include <optional>
#include <utility>

#include "cli/catalogue.hpp"
#include "cli/master_plan.hpp"
#include "cli/output.hpp"

namespace tutti::cli {

int run_catalogue_report(const Arguments& arguments) {
  CommandLine line("catalogue report",
                   "Gather the sidecars of a job: levels before and after, failures, findings. The "
                   "same bytes in whatever order, shards and hosts the work was done. With a "
                   "manifest and the options that say what to master to, what nobody asks for any "
                   "more, or was made to other settings, is told apart.",
                   "tutti catalogue report --manifest music.jsonl -o out --report music.html\n  "
                   "one page with distributions, failures and findings; --csv and --json for "
                   "programs");
  std::string manifest_file, out, html;
  bool csv = false, quiet = false;
  add_manifest_option(line, manifest_file);
  add_out_option(line, out);
  const ChainArguments chain(line);
  JsonOption json(line);
  line.add_flag("--csv", csv, "Print comma-separated values instead of the table");
  line.add_option("--report", html, "Write one self-contained page")->type_name("FILE.html");
  line.add_flag("-q,--quiet", quiet, "Print no table");
  if (!line.read(arguments)) return kDone;
  require_option(out, "report", "-o DIR");
  if (csv && json.on_standard_output())
    throw UsageError("--csv and --json - both go to standard output: give --json a file's name");
  check_document_path(json.path(), DocumentKind::json, {&manifest_file, 1});
  check_document_path(html, DocumentKind::html, {&manifest_file, 1});

  std::optional<Manifest> manifest;
  std::optional<AskedOutputs> asked;
  if (!manifest_file.empty()) manifest = read_manifest(manifest_file);
  if (chain.given()) {
    if (!manifest) throw UsageError("what is asked for needs --manifest too: it names the files");
    const ChainOptions options = chain.take(true);
    manifest = with_albums(std::move(*manifest), options);
    asked.emplace(asked_outputs(*manifest, options, out));
  }
  const CatalogueReport report =
      collect_report(out, manifest ? &*manifest : nullptr, asked ? &*asked : nullptr);
  if (csv)
    print(catalogue_report_csv(report));
  else if (!json.on_standard_output() && html != "-" && !quiet)
    print(catalogue_report_text(report));
  if (!json.path().empty())
    write_document(json.path(), DocumentKind::json, catalogue_report_json(report));
  if (!html.empty()) write_document(html, DocumentKind::html, catalogue_report_html(report));
  return kDone;
}

}  // namespace tutti::cli
