// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <tuple>

#include "host/catalogue/catalogue_report.hpp"
#include "host/catalogue/collect.hpp"

namespace tutti {

CatalogueReport collect_report(const std::filesystem::path& out, const Manifest* manifest) {
  std::set<std::string> wanted, done;
  if (manifest != nullptr)
    for (const CatalogueItem& item : manifest->items) wanted.insert(item.id);
  const auto is_wanted = [&](const std::string& id) {
    return manifest == nullptr || wanted.contains(id);
  };
  CatalogueReport report;
  for_each_sidecar(out, [&](FoundSidecar&& found) {
    if (!found.output_agrees || !is_wanted(found.sidecar.id)) return;
    found.sidecar.settings = nullptr;
    done.insert(found.sidecar.id);
    report.items.push_back({found.output.string(), std::move(found.sidecar)});
  });
  std::sort(report.items.begin(), report.items.end(),
            [](const ReportedItem& a, const ReportedItem& b) {
              return std::tie(a.sidecar.id, a.output) < std::tie(b.sidecar.id, b.output);
            });
  for (auto& [id, result] : latest_results(out)) {
    if (result.status != ItemResult::Status::failed || done.contains(id) || !is_wanted(id))
      continue;
    wanted.erase(id);
    result.seconds = 0;  // how long it took is another number in every run
    report.failures.push_back(result);
  }
  for (const std::string& id : wanted)
    if (!done.contains(id)) report.missing.push_back(id);
  return report;
}

}  // namespace tutti
