// SPDX-License-Identifier: Apache-2.0
// How far a bulk job is, without knowing how it is rendered.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/catalogue/item.hpp"
#include "host/catalogue/results.hpp"

namespace tutti {

enum class ItemState {
  done,     ///< as many sidecars name it as it has deliveries, each beside an output of its size
  missing,  ///< too few of them, and no failure
  stale,    ///< an output is not what its sidecar says, or the input is another since
  failed    ///< its latest result line is a failure, and it is not done or was done before that
};

struct CatalogueStatus {
  std::vector<ItemState> items;      ///< in the manifest's order
  std::vector<ItemResult> failures;  ///< of the failed items, in the manifest's order
  std::vector<int> shards;  ///< that have something to do: missing, stale, failed but worth a retry

  std::ptrdiff_t count(ItemState state) const;
  bool all_done() const { return count(ItemState::done) == std::ssize(items); }
};

/// An input of the same size that was written to after the sidecar is hashed. Throws IoError when
/// the folder can not be read. A folder that does not exist has nothing done.
CatalogueStatus catalogue_status(const Manifest& manifest, const std::filesystem::path& out,
                                 int shard_count);

/// {"done", "missing", "stale", "failed", "shards": […], "failures": [{"id", "kind", "message",
/// "retriable"}]}
std::string status_json(const CatalogueStatus& status);

/// For people: the counts, the failures, and the shards to run again.
std::string status_text(const CatalogueStatus& status, int shard_count);

}  // namespace tutti
