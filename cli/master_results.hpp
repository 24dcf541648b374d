// SPDX-License-Identifier: Apache-2.0
// A mastering job as it runs.
#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <vector>

#include "cli/progress.hpp"
#include "host/catalogue/item.hpp"
#include "host/catalogue/results.hpp"

namespace tutti::cli {

/// Remembers how each item of a shard ended and moves the progress line on. It keeps next to nothing
/// of an item that did not fail: a job of 100,000 would otherwise grow by gigabytes.
class MasterResults {
 public:
  struct Entry {
    const CatalogueItem* item;
    ItemResult::Status status;
    bool input_changed;  ///< see ItemResult
    std::unique_ptr<const ItemResult> failure;  ///< of a failed one
  };

  MasterResults(const Manifest& manifest, const std::vector<int>& own_shard, int shard,
                ProgressDisplay& display);

  /// One item has ended; a failure, or an input that is another than before, is told at once. One call at a time.
  void take(const CatalogueItem& item, const ItemResult& result);

  /// In the order of the manifest.
  std::vector<const Entry*> in_order() const;
  /// Items that the run did not get to.
  const std::set<const CatalogueItem*>& left() const { return left_; }
  std::size_t count(ItemResult::Status status) const;
  std::size_t changed_inputs() const;

 private:
  ProgressDisplay& display_;
  double seconds_ = 0, seconds_done_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::vector<Entry> entries_;
  std::set<const CatalogueItem*> left_;
};

}  // namespace tutti::cli
