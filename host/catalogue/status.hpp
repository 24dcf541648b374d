// SPDX-License-Identifier: Apache-2.0
// How far a bulk job is, without knowing how it is rendered.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/catalogue/asked_outputs.hpp"
#include "host/catalogue/item.hpp"
#include "host/catalogue/results.hpp"

namespace tutti {

enum class ItemState {
  done,     ///< all its outputs are there, each of the size that its sidecar says
  missing,  ///< some are not, and no failure
  stale,    ///< its outputs are there, but not as they are to be: see StaleCause
  failed    ///< its latest result line is a failure, and it is not done or was done before that
};

struct StaleItem {
  std::string id;
  StaleCause cause = StaleCause::output;
};

struct CatalogueStatus {
  std::vector<ItemState> items;      ///< in the manifest's order
  std::vector<ItemResult> failures;  ///< of the failed items, in the manifest's order
  std::vector<StaleItem> stale;      ///< and why each is, in the manifest's order
  std::vector<int> shards;  ///< that have something to do: missing, stale, failed but worth a retry

  std::ptrdiff_t count(ItemState state) const;
  bool all_done() const { return count(ItemState::done) == std::ssize(items); }
};

/// A track of an album is done when the whole album is (AlbumAgreement). An input of the same size that was written to after the sidecar is hashed. With `asked` (may be
/// null) the outputs that it names are counted, and those of other settings are stale; without, an
/// item wants as many outputs as its sidecars say, of whatever settings. Throws IoError when the
/// folder can not be read. A folder that does not exist has nothing done.
CatalogueStatus catalogue_status(const Manifest& manifest, const std::filesystem::path& out,
                                 int shard_count, const AskedOutputs* asked = nullptr);

/// {"done", "missing", "stale", "failed", "shards": […], "failures": [{"id", "kind", "message",
/// "retriable"}], "stale_items": [{"id", "cause"}]}
std::string status_json(const CatalogueStatus& status);

/// For people: the counts, the failures, and the shards to run again.
std::string status_text(const CatalogueStatus& status, int shard_count);

}  // namespace tutti
