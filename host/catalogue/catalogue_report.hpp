// SPDX-License-Identifier: Apache-2.0
// All that a bulk job did, in one document.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/catalogue/item.hpp"
#include "host/catalogue/results.hpp"
#include "host/catalogue/sidecar.hpp"

namespace tutti {

struct ReportedItem {
  std::string output;  ///< relative to the output folder
  Sidecar sidecar;     ///< without its settings, which are the same in thousands of them
};

/// A function of the sidecars, the latest failures and the manifest: the same in whatever order, in
/// how many shards and on which hosts the work was done. Holds no time and no host.
struct CatalogueReport {
  std::vector<ReportedItem> items;  ///< outputs that are there; sorted by id, then output
  /// Of what is not there, and "sidecar_damaged" for what can not be told; sorted by id. A damaged
  /// sidecar's id is that of the manifest's item with its output, else the output's name.
  std::vector<ItemResult> failures;
  std::vector<std::string> missing;  ///< ids of the manifest without output and failure; sorted
};

/// With a manifest: its ids only, and what is missing of them. Throws IoError.
CatalogueReport collect_report(const std::filesystem::path& out, const Manifest* manifest);

/// {"summary": {…}, "items": […], "failures": […], "missing": […]}
std::string catalogue_report_json(const CatalogueReport& report);

/// One line an output, then one a failure and one a missing item; `status` says which.
std::string catalogue_report_csv(const CatalogueReport& report);

/// One self-contained page: counts, distributions of loudness and peaks before and after, failures,
/// findings, and the items (the first thousand).
std::string catalogue_report_html(const CatalogueReport& report);

/// For people: counts, and least, median and greatest of the levels.
std::string catalogue_report_text(const CatalogueReport& report);

}  // namespace tutti
