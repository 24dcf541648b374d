// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>

#include "host/catalogue/catalogue_report.hpp"
#include "host/catalogue/collect.hpp"

namespace tutti {
namespace {

class Collection {
 public:
  explicit Collection(const Manifest* manifest) : all_(manifest == nullptr) {
    if (manifest == nullptr) return;
    for (const CatalogueItem& item : manifest->items) {
      wanted_.insert(item.id);
      id_of_output_[item.output.string()] = item.id;
    }
  }

  void take(FoundSidecar&& found) {
    if (!found.output_agrees || !is_wanted(found.sidecar.id)) return;
    found.sidecar.settings = nullptr;
    told_.insert(found.sidecar.id);
    done_.insert(found.sidecar.id);
    report_.items.push_back({found.output.string(), std::move(found.sidecar)});
  }

  void take(const UnreadableSidecar& damaged) {
    const std::string output = damaged.output.string();
    const auto known = id_of_output_.find(output);
    ItemResult failure;
    failure.id = known != id_of_output_.end() ? known->second : output;
    failure.status = ItemResult::Status::failed;
    failure.kind = "sidecar_damaged";
    failure.message =
        sidecar_path(output).string() + " " + damaged.message + "; take it away and render again";
    told_.insert(failure.id);
    report_.failures.push_back(std::move(failure));
  }

  void take(ItemResult&& result) {
    if (result.status != ItemResult::Status::failed || done_.contains(result.id) ||
        !is_wanted(result.id))
      return;
    result.seconds = 0;  // how long it took is another number in every run
    told_.insert(result.id);
    report_.failures.push_back(std::move(result));
  }

  CatalogueReport finish() {
    std::sort(report_.items.begin(), report_.items.end(),
              [](const ReportedItem& a, const ReportedItem& b) {
                return std::tie(a.sidecar.id, a.output) < std::tie(b.sidecar.id, b.output);
              });
    std::stable_sort(report_.failures.begin(), report_.failures.end(),
                     [](const ItemResult& a, const ItemResult& b) { return a.id < b.id; });
    for (const std::string& id : wanted_)
      if (!told_.contains(id)) report_.missing.push_back(id);
    return std::move(report_);
  }

 private:
  bool is_wanted(const std::string& id) const { return all_ || wanted_.contains(id); }

  bool all_;
  std::set<std::string> wanted_, done_, told_;
  std::unordered_map<std::string, std::string> id_of_output_;
  CatalogueReport report_;
};

}  // namespace

CatalogueReport collect_report(const std::filesystem::path& out, const Manifest* manifest) {
  Collection collection(manifest);
  for_each_sidecar(
      out, [&](FoundSidecar&& found) { collection.take(std::move(found)); },
      [&](const UnreadableSidecar& damaged) { collection.take(damaged); });
  for (auto& [id, result] : latest_results(out)) collection.take(std::move(result));
  return collection.finish();
}

}  // namespace tutti
