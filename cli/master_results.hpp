// SPDX-License-Identifier: Apache-2.0
// A mastering job as it runs and as it ended.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "cli/master_engine.hpp"
#include "cli/master_plan.hpp"
#include "cli/progress.hpp"

namespace tutti::cli {

/// Gathers what happened to each item; may be told from any thread.
class MasterResults {
 public:
  MasterResults(const Manifest& manifest, const std::vector<int>& own_shard, int shard,
                ProgressDisplay& display, bool quiet);

  /// One item has ended: the progress line moves on, a failure is printed at once.
  void take(const CatalogueItem& item, const ItemResult& result);

  /// One row an output, for people; the delivery page where there is one output only.
  std::string text(const Session& chain, const std::filesystem::path& out) const;
  /// {"items": [{"id", "status", …, "outputs": […]}], "done", "skipped", "failed"}
  std::string json(const Session& chain, const std::filesystem::path& out) const;

 private:
  struct Entry {
    const CatalogueItem* item;
    ItemResult result;
  };
  std::vector<const Entry*> in_order() const;
  std::vector<Sidecar> sidecars_of(const Entry& entry, const Session& chain,
                                   const std::filesystem::path& out) const;

  ProgressDisplay& display_;
  bool quiet_;
  std::size_t items_ = 0;
  double seconds_ = 0, seconds_done_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::vector<Entry> entries_;
};

}  // namespace tutti::cli
