// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/run.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <thread>
#include <utility>

#include "host/catalogue/regular_file.hpp"
#include "host/catalogue/unit.hpp"

namespace tutti {
namespace {

using Unit = std::vector<const CatalogueItem*>;

double seconds_of(const Unit& unit) {
  return std::accumulate(unit.begin(), unit.end(), 0.0, [](double sum, const CatalogueItem* item) {
    return sum + item->seconds;
  });
}

/// Albums whole, longest first: at the end of a run no long one is left for a single core.
std::vector<Unit> units_of(const Manifest& manifest, const ShardChoice& shard) {
  const std::vector<int> shards = shard_of_items(manifest, shard.count);
  std::vector<Unit> units;
  std::map<std::string, std::size_t> albums;
  for (std::size_t i = 0; i < manifest.items.size(); ++i) {
    const CatalogueItem& item = manifest.items[i];
    if (shards[i] != shard.index) continue;
    if (item.album.empty()) {
      units.push_back({&item});
      continue;
    }
    const auto [album, fresh] = albums.try_emplace(item.album, units.size());
    if (fresh) units.emplace_back();
    units[album->second].push_back(&item);
  }
  std::stable_sort(units.begin(), units.end(), [](const Unit& a, const Unit& b) {
    return seconds_of(a) > seconds_of(b);
  });
  return units;
}

class Run {
 public:
  Run(const Manifest& manifest, const CatalogueEngine& engine, const RunOptions& options)
      : manifest_(manifest),
        engine_(engine),
        options_(options),
        units_(units_of(manifest, options.shard)),
        jobs_(std::clamp<std::size_t>(static_cast<std::size_t>(std::max(options.jobs, 1)), 1,
                                      units_.size() + 1)) {}

  RunSummary run() {
    std::vector<std::jthread> workers;
    for (std::size_t job = 1; job < jobs_; ++job) workers.emplace_back([this] { work(); });
    work();
    workers.clear();
    return summary_;
  }

 private:
  void work() {
    for (std::size_t at; (at = next_.fetch_add(1)) < units_.size();) {
      // While this unit is worked on, the one that comes when the others are done is read.
      if (at + jobs_ < units_.size())
        for (const CatalogueItem* item : units_[at + jobs_]) catalogue::read_ahead(item->input);
      std::vector<ItemResult> results = run_unit(manifest_, units_[at], engine_, options_);
      for (ItemResult& result : results) result.ended = std::filesystem::file_time_type::clock::now();
      const std::lock_guard lock(mutex_);
      if (results.empty()) summary_.stopped = true;
      for (std::size_t i = 0; i < results.size(); ++i) take(*units_[at][i], results[i]);
    }
  }

  void take(const CatalogueItem& item, const ItemResult& result) {
    summary_.done += result.status == ItemResult::Status::done;
    summary_.skipped += result.status == ItemResult::Status::skipped;
    summary_.failed += result.status == ItemResult::Status::failed;
    summary_.retriable += result.status == ItemResult::Status::failed && result.retriable;
    if (options_.on_result) options_.on_result(item, result);
  }

  const Manifest& manifest_;
  const CatalogueEngine& engine_;
  const RunOptions& options_;
  std::vector<Unit> units_;
  std::size_t jobs_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  RunSummary summary_;
};

}  // namespace

RunSummary run_catalogue(const Manifest& manifest, const CatalogueEngine& engine,
                         const RunOptions& options) {
  return Run(manifest, engine, options).run();
}

}  // namespace tutti
