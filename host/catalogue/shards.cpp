// SPDX-License-Identifier: Apache-2.0
#include "host/catalogue/shards.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <optional>
#include <queue>
#include <unordered_map>

#include "host/session/text.hpp"

namespace tutti {
namespace {

struct IndexVariable {
  const char* name;
  int first;  ///< what the engine's first task has
};

constexpr IndexVariable kIndexVariables[] = {
    {"SLURM_ARRAY_TASK_ID", 0}, {"JOB_COMPLETION_INDEX", 0}, {"AWS_BATCH_JOB_ARRAY_INDEX", 0},
    {"SGE_TASK_ID", 1},         {"PARALLEL_SEQ", 1},
};

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size() || value < 0) return {};
  return value;
}

int index_from_environment() {
  std::optional<int> found;
  std::string from;
  for (const IndexVariable& variable : kIndexVariables) {
    const char* text = std::getenv(variable.name);
    // Grid Engine says "undefined" to a job that is no array.
    if (text == nullptr || std::string_view(text) == "undefined") continue;
    const std::optional<int> value = whole_number(text);
    if (!value || *value < variable.first)
      throw CatalogueError(fmt::format("--shard env: {} is {}, which is no index", variable.name,
                                       text::quoted(text)));
    const int index = *value - variable.first;
    if (found && *found != index)
      throw CatalogueError(
          fmt::format("--shard env: {} says shard {} and {} says shard {}; write the index itself",
                      from, *found, variable.name, index));
    found = index;
    from = variable.name;
  }
  if (found) return *found;
  std::string names;
  for (const IndexVariable& variable : kIndexVariables)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", variable.name);
  throw CatalogueError("--shard env: no batch engine has set an index (looked at " + names +
                       "); write the index itself, like 0/12");
}

std::int64_t mean_known_ms(const Manifest& manifest) {
  std::int64_t sum_ms = 0, known = 0;
  for (const CatalogueItem& item : manifest.items) {
    sum_ms += std::llround(item.seconds * 1000);
    known += item.seconds > 0;
  }
  return known > 0 ? std::max<std::int64_t>(1, sum_ms / known) : 1000;
}

struct Group {
  std::int64_t length_ms = 0;
  std::vector<int> items;
};

std::vector<Group> groups_of(const Manifest& manifest) {
  const std::int64_t unknown_ms = mean_known_ms(manifest);
  std::vector<Group> groups;
  std::unordered_map<std::string_view, std::size_t> albums;
  for (std::size_t i = 0; i < manifest.items.size(); ++i) {
    const CatalogueItem& item = manifest.items[i];
    std::size_t group = groups.size();
    if (!item.album.empty()) group = albums.emplace(item.album, group).first->second;
    if (group == groups.size()) groups.emplace_back();
    // Whole milliseconds: sums of these are the same on every machine, in every order.
    groups[group].length_ms += item.seconds > 0 ? std::llround(item.seconds * 1000) : unknown_ms;
    groups[group].items.push_back(static_cast<int>(i));
  }
  return groups;
}

}  // namespace

ShardChoice parse_shard(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string shown = text::quoted(text);
  if (slash == std::string_view::npos)
    throw CatalogueError(fmt::format("--shard {}: write INDEX/COUNT, like 0/12", shown));
  const auto count = whole_number(text.substr(slash + 1));
  if (!count || *count < 1 || *count > kMaximumShards)
    throw CatalogueError(
        fmt::format("--shard {}: 1 to {} shards are possible", shown, kMaximumShards));
  const std::string_view before = text.substr(0, slash);
  const auto index = before == "env" ? index_from_environment() : whole_number(before);
  if (!index || *index >= *count)
    throw CatalogueError(
        fmt::format("--shard {}: {}; shards count from 0, so 0 to {} are possible", shown,
                    index ? fmt::format("there is no shard {} of {}", *index, *count) : "no index",
                    *count - 1));
  return {*index, *count};
}

std::vector<int> shard_of_items(const Manifest& manifest, int count) {
  const std::vector<Group> groups = groups_of(manifest);
  std::vector<std::size_t> order(groups.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return groups[a].length_ms > groups[b].length_ms;
  });
  using Load = std::pair<std::int64_t, int>;  // of equal loads the first shard
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;
  for (int shard = 0; shard < count; ++shard) loads.emplace(0, shard);
  std::vector<int> shards(manifest.items.size());
  for (const std::size_t group : order) {
    const auto [load_ms, shard] = loads.top();
    loads.pop();
    for (const int item : groups[group].items) shards[item] = shard;
    loads.emplace(load_ms + groups[group].length_ms, shard);
  }
  return shards;
}

}  // namespace tutti
