// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "cli/catalogue.hpp"
#include "cli/output.hpp"
#include "host/catalogue/shards.hpp"
#include "host/report/json_values.hpp"
#include "host/report/text_table.hpp"

namespace tutti::cli {
namespace {

struct ShardPlan {
  std::vector<const CatalogueItem*> items;
  std::set<std::string_view> albums;
  double known_s = 0;
  int unknown = 0;  ///< items whose length is not known
};

std::vector<ShardPlan> plan_of(const Manifest& manifest, int count) {
  const std::vector<int> shards = shard_of_items(manifest, count);
  std::vector<ShardPlan> plan(count);
  for (std::size_t i = 0; i < manifest.items.size(); ++i) {
    const CatalogueItem& item = manifest.items[i];
    ShardPlan& shard = plan[shards[i]];
    shard.items.push_back(&item);
    if (!item.album.empty()) shard.albums.insert(item.album);
    shard.known_s += item.seconds;
    shard.unknown += item.seconds <= 0;
  }
  return plan;
}

std::string plan_text(const std::vector<ShardPlan>& plan) {
  TextTable table;
  for (const char* head : {"shard", "items", "albums", "length", "unknown"})
    table.add_column(head, TextTable::Align::right);
  for (std::size_t i = 0; i < plan.size(); ++i)
    table.add_row({std::to_string(i), std::to_string(plan[i].items.size()),
                   std::to_string(plan[i].albums.size()), format_duration(plan[i].known_s),
                   std::to_string(plan[i].unknown)});
  return table.text();
}

// Written by hand, one shard after the other: a document of 100,000 names would need several
// times the memory of the manifest.
std::string plan_json(const std::vector<ShardPlan>& plan) {
  std::string out = "{\n  \"shards\": [";
  for (std::size_t i = 0; i < plan.size(); ++i) {
    nlohmann::ordered_json shard;
    shard["shard"] = i;
    shard["seconds"] = plan[i].known_s;
    shard["unknown"] = plan[i].unknown;
    shard["albums"] = plan[i].albums.size();
    shard["items"] = nlohmann::ordered_json::array();
    for (const CatalogueItem* item : plan[i].items) shard["items"].push_back(json_text(item->id));
    out += (i == 0 ? "\n    " : ",\n    ") + shard.dump();
  }
  return out + "\n  ]\n}\n";
}

}  // namespace

int run_catalogue_plan(const Arguments& arguments) {
  CommandLine line("catalogue plan",
                   "Check a manifest and show which shard does what: albums stay whole, the "
                   "longest goes first to the shard that has least.",
                   "tutti catalogue plan --manifest music.jsonl --shards 12\n  prints one line a "
                   "shard; with --json - the ids of each");
  std::string manifest;
  int shards = 1;
  add_manifest_option(line, manifest);
  add_shards_option(line, shards);
  JsonOption json(line);
  if (!line.read(arguments)) return kDone;
  require_option(manifest, "plan", "--manifest FILE");
  check_document_path(json.path(), DocumentKind::json, {&manifest, 1});
  const Manifest read = read_manifest(manifest);
  const std::vector<ShardPlan> plan = plan_of(read, shards);
  if (!json.on_standard_output()) print(plan_text(plan));
  if (!json.path().empty()) write_document(json.path(), DocumentKind::json, plan_json(plan));
  return kDone;
}

}  // namespace tutti::cli
