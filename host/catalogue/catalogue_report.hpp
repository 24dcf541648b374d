// SPDX-License-Identifier: Apache-2.0
// All that a bulk job did, in one document.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/catalogue/asked_outputs.hpp"
#include "host/catalogue/item.hpp"
#include "host/catalogue/results.hpp"
#include "host/catalogue/sidecar.hpp"

namespace tutti {

struct ReportedItem {
  std::string output;  ///< relative to the output folder
  Sidecar sidecar;     ///< without its settings, which are the same in thousands of them
  std::optional<StaleCause> stale = {};  ///< settings or sound, where it is known what is
                                         ///< asked for; album, where there is a manifest
};

/// A function of the sidecars, the latest failures and the manifest: the same in whatever order, in
/// how many shards and on which hosts the work was done. Holds no time and no host.
struct CatalogueReport {
  std::vector<ReportedItem> items;  ///< outputs that are there; sorted by id, then output
  /// Of what is not there, and "sidecar_damaged" for what can not be told; sorted by id. A damaged
  /// sidecar's id is that of the manifest's item with its output, else the output's name.
  std::vector<ItemResult> failures;
  /// Ids of the manifest that have not all their outputs, and no failure that says why; sorted.
  std::vector<std::string> missing;
  /// Outputs that lie there but are of no item of the manifest, or no delivery of it any more. They
  /// count nowhere else. Sorted like the items.
  std::vector<ReportedItem> not_asked;
};

/// Without a manifest everything that lies there is asked for. With one, what it names; with `asked`
/// (which needs it) just those outputs. Throws IoError.
CatalogueReport collect_report(const std::filesystem::path& out, const Manifest* manifest,
                               const AskedOutputs* asked = nullptr);

/// Items that are there, but made to other settings or by another version than are asked for, or as
/// another album than the manifest has.
std::size_t stale_count(const CatalogueReport& report);

/// {"summary": {…}, "items": […], "failures": […], "missing": […], "not_asked": […]}
std::string catalogue_report_json(const CatalogueReport& report);

/// One line an output, then one a failure, one a missing item and one an output that nobody asks
/// for; `status` says which: done, stale, failed, missing, not_asked.
std::string catalogue_report_csv(const CatalogueReport& report);

/// One self-contained page: counts, distributions of loudness and peaks before and after, failures,
/// findings, and the items (the first thousand).
std::string catalogue_report_html(const CatalogueReport& report);

/// For people: counts, and least, median and greatest of the levels.
std::string catalogue_report_text(const CatalogueReport& report);

}  // namespace tutti
