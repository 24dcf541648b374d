// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "host/audio/errors.hpp"
#include "host/catalogue/album_agreement.hpp"
#include "host/catalogue/collect.hpp"
#include "host/report/json_values.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti {
namespace {

namespace fs = std::filesystem;

/// What the sidecars say of one id.
struct Evidence {
  int agreeing = 0, wanted = 1;
  std::optional<StaleCause> against;
  std::uint64_t input_bytes = 0;
  std::string input_sha256;
  fs::file_time_type written = fs::file_time_type::min();  ///< of the newest
};

using EvidenceById = std::unordered_map<std::string, Evidence>;

void add(Evidence& evidence, FoundSidecar&& found, int wanted, std::optional<StaleCause> against) {
  evidence.agreeing += found.output_agrees;
  if (!found.output_agrees) against = StaleCause::output;
  if (!evidence.against || against == StaleCause::output) evidence.against = against;
  evidence.wanted = std::max(evidence.wanted, wanted);
  if (found.written < evidence.written) return;
  evidence.written = found.written;
  evidence.input_bytes = found.sidecar.input.bytes;
  evidence.input_sha256 = found.sidecar.input.sha256;
}

EvidenceById gather(const fs::path& out, const AskedOutputs* asked, AlbumAgreement& albums) {
  EvidenceById by_id;
  std::error_code error;
  if (!fs::exists(out, error)) return by_id;
  for_each_sidecar(
      out,
      [&](FoundSidecar&& found) {
        if (asked == nullptr) {
          const int wanted = found.sidecar.deliveries;
          albums.add(found.sidecar.id, found.sidecar, found.sidecar.settings.dump(), found.written,
                     wanted);
          add(by_id[found.sidecar.id], std::move(found), wanted, {});
        } else if (const AskedOutputs::Output* const output = asked->find(found.output)) {
          const std::optional<StaleCause> against = asked->stale(*output, found.sidecar);
          albums.add(output->item->id, found.sidecar, *output->settings, found.written,
                     output->deliveries);
          add(by_id[output->item->id], std::move(found), output->deliveries, against);
        }
      },
      {});
  return by_id;
}

bool input_has_changed(const CatalogueItem& item, const Evidence& evidence) {
  // An input that is gone, or can not be read, is no longer what the output was made of.
  std::error_code error;
  const std::uintmax_t size_bytes = fs::file_size(item.input, error);
  if (error || size_bytes != evidence.input_bytes) return true;
  const fs::file_time_type changed = fs::last_write_time(item.input, error);
  if (error) return true;
  if (changed <= evidence.written) return false;
  // Copied or touched since, or overwritten in place: only its bytes tell.
  try {
    return hash_file(item.input).sha256 != evidence.input_sha256;
  } catch (const IoError& problem) {
    if (problem.fault() == IoFault::exhausted) throw;
    return true;
  }
}

/// The state, and of what is stale the cause.
using StateAndCause = std::pair<ItemState, StaleCause>;

StateAndCause state_of(const CatalogueItem& item, const Evidence* evidence,
                       const ItemResult* result, const AlbumAgreement& albums) {
  const bool has_failed = result != nullptr && result->status == ItemResult::Status::failed;
  StateAndCause state{ItemState::missing, {}};
  // A failure after the outputs were written, as with other settings, outranks them.
  if (evidence != nullptr && !(has_failed && result->ended > evidence->written)) {
    if (evidence->against)
      state = {ItemState::stale, *evidence->against};
    else if (input_has_changed(item, *evidence))
      state = {ItemState::stale, StaleCause::input};
    else if (!albums.agrees(item))
      state = {ItemState::stale, StaleCause::album};
    else if (evidence->agreeing >= evidence->wanted)
      return {ItemState::done, {}};
  }
  if (has_failed) state = {ItemState::failed, {}};
  return state;
}

/// What is done is done again when another track of its album is: they share a gain.
void spread_over_albums(const Manifest& manifest, const AlbumAgreement& albums,
                        std::vector<StateAndCause>& states) {
  std::set<std::string> unfinished;
  for (std::size_t i = 0; i < states.size(); ++i)
    if (states[i].first != ItemState::done) unfinished.insert(manifest.items[i].album);
  for (std::size_t i = 0; i < states.size(); ++i) {
    const CatalogueItem& item = manifest.items[i];
    if (states[i].first == ItemState::done && unfinished.count(item.album) != 0 &&
        albums.shares_a_gain(item))
      states[i] = {ItemState::stale, StaleCause::album};
  }
}

std::string listed(const std::vector<int>& numbers) {
  std::string out;
  for (const int number : numbers) out += fmt::format("{}{}", out.empty() ? "" : ",", number);
  return out;
}

}  // namespace

std::ptrdiff_t CatalogueStatus::count(ItemState state) const {
  return std::count(items.begin(), items.end(), state);
}

CatalogueStatus catalogue_status(const Manifest& manifest, const fs::path& out, int shard_count,
                                 const AskedOutputs* asked) {
  const std::vector<int> shards = shard_of_items(manifest, shard_count);
  AlbumAgreement albums(manifest, asked != nullptr);
  const EvidenceById evidence = gather(out, asked, albums);
  const auto results = latest_results(out);
  const auto known_of = [](const auto& map, const std::string& id) {
    const auto known = map.find(id);
    return known != map.end() ? &known->second : nullptr;
  };
  std::vector<StateAndCause> states;
  for (const CatalogueItem& item : manifest.items)
    states.push_back(state_of(item, known_of(evidence, item.id), known_of(results, item.id), albums));
  spread_over_albums(manifest, albums, states);
  CatalogueStatus status;
  std::set<int> again;
  for (std::size_t i = 0; i < manifest.items.size(); ++i) {
    const CatalogueItem& item = manifest.items[i];
    const auto [state, cause] = states[i];
    status.items.push_back(state);
    if (state == ItemState::stale) status.stale.push_back({item.id, cause});
    if (state == ItemState::failed) status.failures.push_back(results.at(item.id));
    const bool for_good = state == ItemState::failed && !results.at(item.id).retriable;
    if (state != ItemState::done && !for_good) again.insert(shards[i]);
  }
  status.shards.assign(again.begin(), again.end());
  return status;
}

std::string status_json(const CatalogueStatus& status) {
  nlohmann::ordered_json out;
  out["done"] = status.count(ItemState::done);
  out["missing"] = status.count(ItemState::missing);
  out["stale"] = status.count(ItemState::stale);
  out["failed"] = status.count(ItemState::failed);
  out["shards"] = status.shards;
  out["failures"] = nlohmann::ordered_json::array();
  for (const ItemResult& failure : status.failures)
    out["failures"].push_back({{"id", json_text(failure.id)},
                               {"kind", json_text(failure.kind)},
                               {"message", json_text(failure.message)},
                               {"retriable", failure.retriable}});
  out["stale_items"] = nlohmann::ordered_json::array();
  for (const StaleItem& item : status.stale)
    out["stale_items"].push_back({{"id", json_text(item.id)}, {"cause", name_of(item.cause)}});
  return json_document(out);
}

std::string status_text(const CatalogueStatus& status, int shard_count) {
  std::string out =
      fmt::format("{} done, {} missing, {} stale, {} failed of {}\n", status.count(ItemState::done),
                  status.count(ItemState::missing), status.count(ItemState::stale),
                  status.count(ItemState::failed), status.items.size());
  for (const StaleCause cause : {StaleCause::output, StaleCause::input, StaleCause::settings,
                                 StaleCause::sound, StaleCause::damaged, StaleCause::album}) {
    const auto count = std::count_if(status.stale.begin(), status.stale.end(),
                                     [&](const StaleItem& item) { return item.cause == cause; });
    if (count > 0) out += fmt::format("stale: {}: {}\n", name_of(cause), count);
  }
  for (const ItemResult& failure : status.failures)
    out += fmt::format("failed: {}: {}: {}{}\n", printable(failure.id), printable(failure.kind),
                       printable(failure.message), failure.retriable ? " (worth a retry)" : "");
  if (!status.shards.empty())
    out += fmt::format("run again, of {}: {}\n", shard_count, listed(status.shards));
  return out;
}

}  // namespace tutti
