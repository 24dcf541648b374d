// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "host/catalogue/album_agreement.hpp"
#include "host/catalogue/catalogue_report.hpp"
#include "host/catalogue/collect.hpp"

namespace tutti {
namespace {

class Collection {
 public:
  Collection(const Manifest* manifest, const AskedOutputs* asked)
      : all_(manifest == nullptr), asked_(asked) {
    if (manifest == nullptr) return;
    albums_.emplace(*manifest, asked != nullptr);
    for (const CatalogueItem& item : manifest->items) {
      items_[item.id].item = &item;
      id_of_output_[item.output.string()] = item.id;
    }
  }

  void take(FoundSidecar&& found) {
    if (!found.output_agrees) return;
    ReportedItem item{found.output.string(), std::move(found.sidecar), {}};
    int deliveries = item.sidecar.deliveries;
    std::string settings = item.sidecar.settings.dump();
    bool wanted = true;
    if (asked_ == nullptr) {
      wanted = is_wanted(item.sidecar.id);
    } else if (const AskedOutputs::Output* const output = asked_->find(found.output)) {
      item.sidecar.id = output->item->id;
      item.stale = asked_->stale(*output, item.sidecar);
      deliveries = output->deliveries;
      settings = *output->settings;
    } else {
      wanted = false;
    }
    if (wanted && albums_)
      albums_->add(item.sidecar.id, item.sidecar, settings, found.written, deliveries);
    item.sidecar.settings = nullptr;
    if (wanted) count(items_[item.sidecar.id], deliveries, item.stale.has_value());
    (wanted ? report_.items : report_.not_asked).push_back(std::move(item));
  }

  void take(const UnreadableSidecar& damaged) {
    const std::string output = damaged.output.string();
    const auto known = id_of_output_.find(output);
    ItemResult failure;
    failure.id = known != id_of_output_.end() ? known->second : output;
    failure.status = ItemResult::Status::failed;
    failure.kind = "sidecar_damaged";
    failure.message = sidecar_path(output).string() + " " + damaged.message;
    items_[failure.id].failed = true;
    report_.failures.push_back(std::move(failure));
  }

  /// Once all sidecars were taken: a track that is not as it is to be makes those of its album anew.
  void judge_albums() {
    if (!albums_) return;
    for (ReportedItem& item : report_.items)
      if (!item.stale && !albums_->agrees(*items_[item.sidecar.id].item)) mark(item);
    std::set<std::string> unfinished;
    for (const auto& [id, known] : items_)
      if (known.item != nullptr && !known.is_done()) unfinished.insert(known.item->album);
    for (ReportedItem& item : report_.items) {
      const CatalogueItem& named = *items_[item.sidecar.id].item;
      if (!item.stale && unfinished.count(named.album) != 0 && albums_->shares_a_gain(named))
        mark(item);
    }
  }

  void take(ItemResult&& result) {
    if (result.status != ItemResult::Status::failed || !is_wanted(result.id)) return;
    Known& known = items_[result.id];
    if (known.is_done()) return;
    result.seconds = 0;  // how long it took is another number in every run
    known.failed = true;
    report_.failures.push_back(std::move(result));
  }

  CatalogueReport finish() {
    for (std::vector<ReportedItem>* list : {&report_.items, &report_.not_asked})
      std::sort(list->begin(), list->end(), [](const ReportedItem& a, const ReportedItem& b) {
        return std::tie(a.sidecar.id, a.output) < std::tie(b.sidecar.id, b.output);
      });
    std::stable_sort(report_.failures.begin(), report_.failures.end(),
                     [](const ItemResult& a, const ItemResult& b) { return a.id < b.id; });
    for (const auto& [id, known] : items_)
      if (known.item != nullptr && known.outputs < known.deliveries && !known.failed)
        report_.missing.push_back(id);
    return std::move(report_);
  }

 private:
  /// What is known of an id.
  struct Known {
    const CatalogueItem* item = nullptr;  ///< of the manifest
    bool failed = false, stale = false;
    int outputs = 0, deliveries = 1;
    bool is_done() const { return outputs >= deliveries && !stale; }
  };

  static void count(Known& known, int deliveries, bool stale) {
    ++known.outputs;
    known.deliveries = std::max(known.deliveries, deliveries);
    known.stale |= stale;
  }

  void mark(ReportedItem& item) {
    item.stale = StaleCause::album;
    items_[item.sidecar.id].stale = true;
  }

  bool is_wanted(const std::string& id) const {
    if (all_) return true;
    const auto known = items_.find(id);
    return known != items_.end() && known->second.item != nullptr;
  }

  bool all_;
  const AskedOutputs* asked_;
  std::optional<AlbumAgreement> albums_;
  std::map<std::string, Known> items_;
  std::unordered_map<std::string, std::string> id_of_output_;
  CatalogueReport report_;
};

}  // namespace

CatalogueReport collect_report(const std::filesystem::path& out, const Manifest* manifest,
                               const AskedOutputs* asked) {
  Collection collection(manifest, asked);
  for_each_sidecar(
      out, [&](FoundSidecar&& found) { collection.take(std::move(found)); },
      [&](const UnreadableSidecar& damaged) { collection.take(damaged); });
  collection.judge_albums();
  for (auto& [id, result] : latest_results(out)) collection.take(std::move(result));
  return collection.finish();
}

std::size_t stale_count(const CatalogueReport& report) {
  return static_cast<std::size_t>(
      std::count_if(report.items.begin(), report.items.end(),
                    [](const ReportedItem& item) { return item.stale.has_value(); }));
}

}  // namespace tutti
