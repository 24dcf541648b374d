// SPDX-License-Identifier: Apache-2.0
// A mastering job as it ended: for people, for programs, as a page.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/master_results.hpp"
#include "cli/output.hpp"
#include "host/catalogue/catalogue_report.hpp"
#include "host/session/model.hpp"

namespace tutti::cli {

/// Where the outputs of the items lie, and what is no item.
struct MasterJob {
  const Session& chain;
  const std::filesystem::path& out;
  const std::vector<std::filesystem::path>& undecodable;
};

/// One row an output, unless there are very many; the delivery page where there is one output only.
/// `verbose`: every row, and checksums.
std::string summary_text(const MasterResults& results, const MasterJob& job, bool verbose);

/// {"items": [{"id", "status", …, "outputs": […]}], "done", "skipped", "failed", "inputs_changed" (made
/// anew of another input than before), "undecodable": [files of folders that were left out]}, an item at a time.
void write_summary_json(const MasterResults& results, const MasterJob& job,
                        const DocumentSink& sink);

/// The page of `catalogue report` about this run alone.
std::string summary_html(const MasterResults& results, const MasterJob& job);

}  // namespace tutti::cli
