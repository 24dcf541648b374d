// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/verify.hpp"

#include <fmt/format.h>

#include "cli/catalogue.hpp"
#include "cli/output.hpp"
#include "cli/signals.hpp"
#include "host/report/json_values.hpp"

namespace tutti::cli {

int run_catalogue_verify(const Arguments& arguments) {
  CommandLine line("catalogue verify",
                   "Hash every output and its original again and compare them with the sidecars. "
                   "Exit 1 when anything differs.",
                   "tutti catalogue verify --manifest music.jsonl -o out --json -\n"
                   "  prints {\"outputs\", \"discrepancies\": [{\"id\", \"file\", \"kind\", "
                   "\"message\"}]}");
  std::string manifest, out;
  add_manifest_option(line, manifest);
  add_out_option(line, out);
  JsonOption json(line);
  if (!line.read(arguments)) return kDone;
  require_option(manifest, "verify", "--manifest FILE");
  require_option(out, "verify", "-o DIR");
  check_document_path(json.path(), DocumentKind::json, {&manifest, 1});
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  const VerifySummary summary = verify_catalogue(
      read_manifest(manifest), out, &stop_flag(), [&](const Discrepancy& found) {
        if (!json.on_standard_output())
          print(printable(found.file) + ": " + found.kind + ": " + printable(found.message) + "\n");
        list.push_back({{"id", json_text(found.id)},
                        {"file", json_text(found.file)},
                        {"kind", found.kind},
                        {"message", json_text(found.message)}});
      });
  if (!json.on_standard_output())
    print(fmt::format("{} outputs verified, {} discrepancies\n", summary.outputs,
                      summary.discrepancies));
  write_document(json.path(), DocumentKind::json,
                 json_document({{"outputs", summary.outputs}, {"discrepancies", list}}));
  return summary.discrepancies == 0 ? kDone : kGateFailed;
}

}  // namespace tutti::cli
