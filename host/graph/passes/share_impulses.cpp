// SPDX-License-Identifier: Apache-2.0
// h₁ = h₂ ⇒ one h: one spectrum per distinct impulse response, and strips that carry equal ones can
// be summed before it.
#include <functional>
#include <unordered_map>

#include "host/graph/compile.hpp"

namespace tutti {
namespace {

/// Equal for equal impulses; a few taps tell different ones apart, equality is checked in full.
std::size_t fingerprint(const std::vector<float>& impulse) {
  std::size_t hash = impulse.size();
  const std::size_t stride = impulse.size() / 61 + 1;
  for (std::size_t n = 0; n < impulse.size(); n += stride)
    hash = hash * 1099511628211u + std::hash<float>{}(impulse[n]);
  return hash;
}

}  // namespace

void share_impulses(Graph& graph, PassNotes& notes) {
  std::unordered_multimap<std::size_t, SharedTaps> known;
  std::unordered_map<const void*, SharedTaps> resolved;
  int shared = 0;
  for (Node& node : graph.nodes) {
    auto* unit = node.alive ? std::get_if<ConvolutionDesign>(&node.design) : nullptr;
    if (!unit || node.kind != NodeKind::process) continue;
    for (auto& impulse : unit->impulses) {
      if (!impulse) continue;
      auto& representative = resolved[impulse.get()];
      if (!representative) {
        const std::size_t hash = fingerprint(*impulse);
        const auto [first, last] = known.equal_range(hash);
        for (auto it = first; it != last && !representative; ++it)
          if (*it->second == *impulse) representative = it->second;
        if (!representative) {
          representative = impulse;
          known.emplace(hash, impulse);
        }
      }
      if (representative != impulse) {
        impulse = representative;
        ++shared;
      }
    }
  }
  if (shared > 0) notes.push_back(std::to_string(shared) + " impulse responses shared");
}

}  // namespace tutti
