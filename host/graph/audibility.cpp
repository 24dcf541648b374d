// SPDX-License-Identifier: Apache-2.0
#include "host/graph/audibility.hpp"

#include <map>

namespace tutti {
namespace {

using Feeds = std::multimap<std::string, std::string>;

void close_over(const Feeds& feeds, std::vector<std::string> pending, std::set<std::string>& reached) {
  while (!pending.empty()) {
    const std::string strip = std::move(pending.back());
    pending.pop_back();
    if (!reached.insert(strip).second) continue;
    const auto [first, last] = feeds.equal_range(strip);
    for (auto it = first; it != last; ++it) pending.push_back(it->second);
  }
}

}  // namespace

Audibility::Audibility(const Session& session, const std::vector<std::string>& extra_solo) {
  Feeds down, up;
  std::vector<std::string> soloed = extra_solo;
  auto add = [&](const StripSpec& strip) {
    if (strip.solo) soloed.push_back(strip.name);
    std::vector<std::string> targets = {strip.output};
    for (const SendSpec& send : strip.sends) targets.push_back(send.to);
    for (const std::string& target : targets) {
      down.emplace(strip.name, target);
      up.emplace(target, strip.name);
    }
  };
  for (const StemSpec& stem : session.stems) add(stem);
  for (const BusSpec& bus : session.buses) add(bus);
  any_solo_ = !soloed.empty();
  std::set<std::string> below, above;
  close_over(down, soloed, below);
  close_over(up, soloed, above);
  heard_.insert(below.begin(), below.end());
  heard_.insert(above.begin(), above.end());
}

}  // namespace tutti
