// SPDX-License-Identifier: Apache-2.0
// The processors that `inserts` can hold: the alternatives of ProcessorSpec, found by key.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "host/session/model.hpp"

namespace tutti {

/// Processors of the session format that this version does not have yet.
inline constexpr std::array<std::string_view, 9> kLaterProcessors = {
    "dynamic_eq", "vari_mu", "multiband", "de_esser", "saturator",
    "reverb",     "denoise", "dehum",     "declick"};

/// Calls `visit` with a default spec of every processor, in the order of ProcessorSpec.
template <typename Visit>
void for_each_processor(Visit visit) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (visit(std::variant_alternative_t<I, ProcessorSpec>{}), ...);
  }
  (std::make_index_sequence<std::variant_size_v<ProcessorSpec>>{});
}

/// Keys of all processors.
inline std::vector<std::string> processor_keys() {
  std::vector<std::string> keys;
  for_each_processor([&](const auto& spec) { keys.emplace_back(spec.kKey); });
  return keys;
}

}  // namespace tutti
