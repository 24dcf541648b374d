// SPDX-License-Identifier: Apache-2.0
// A shard of a manifest, item after item: what is done is skipped, what fails is told, nothing
// stops the rest.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/catalogue/item.hpp"
#include "host/catalogue/results.hpp"
#include "host/catalogue/shards.hpp"
#include "host/catalogue/sidecar.hpp"

namespace tutti {

/// One file that an item becomes.
struct PlannedOutput {
  std::filesystem::path file;       ///< absolute
  nlohmann::ordered_json settings;  ///< canonical: what decides its sound and form
};

/// One item on its way through the caller's engine.
struct UnitItem {
  const CatalogueItem* item = nullptr;
  std::vector<PlannedOutput> outputs;
  std::vector<bool> replace;  ///< per output: what is there may go
  /// Per output: to be told the SHA-256 of the finished bytes before they get their name.
  std::vector<std::function<void(const std::string& sha256)>> before_rename;
  FileHash input;
  std::string key_input;  ///< the input's hash; of an album's item, with those of all its items
};

/// What the caller brings: this layer knows no engine.
struct CatalogueEngine {
  std::function<std::vector<PlannedOutput>(const CatalogueItem&)> plan;
  /// Masters one item, or the items of an album under one gain, and says for each output what its
  /// sidecar is to hold beside key, names and input. `unchanged` throws IoError when an input is not
  /// what it was: to be called between reading and writing. Throws what engines throw.
  std::function<std::vector<std::vector<Sidecar>>(const std::vector<UnitItem>& unit,
                                                  const std::function<void()>& unchanged)>
      master;
  std::string sound_version;  ///< with the kind of machine, where kinds differ in their bits
};

struct RunOptions {
  std::filesystem::path out;
  ShardChoice shard;
  int jobs = 1;            ///< units at a time
  bool overwrite = false;  ///< replace what is not of this job
  bool allow_damaged = false;  ///< what was made of damaged inputs is up to date like the rest
  bool full_hash = false;  ///< hash finished outputs instead of comparing their size
  const std::atomic<bool>* stop = nullptr;
  /// Called for every item that ended, one call at a time.
  std::function<void(const CatalogueItem&, const ItemResult&)> on_result;
};

struct RunSummary {
  int done = 0, skipped = 0, failed = 0;
  int retriable = 0;     ///< of the failed
  bool stopped = false;  ///< items were left when the run was asked to stop
};

/// Runs the shard's items. Throws CatalogueError; whatever happens to an item is its result.
RunSummary run_catalogue(const Manifest& manifest, const CatalogueEngine& engine,
                         const RunOptions& options);

}  // namespace tutti
