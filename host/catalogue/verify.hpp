// SPDX-License-Identifier: Apache-2.0
// Originals and outputs against what their sidecars say, byte by byte.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>

#include "host/catalogue/item.hpp"

namespace tutti {

/// One output that is not, or no longer, what was written, or whose original has changed.
struct Discrepancy {
  std::string id, file;  ///< the file is an original, or an output relative to its folder
  std::string kind;      ///< "input_missing", "input_changed", "output_missing", "output_changed"
  std::string message;
};

struct VerifySummary {
  int outputs = 0;  ///< that have a sidecar
  int discrepancies = 0;
};

/// Hashes every output under `out` and the original of each. `sink` hears of discrepancies, one call
/// at a time, in the order of the outputs' names. Throws IoError, Cancelled.
VerifySummary verify_catalogue(const Manifest& manifest, const std::filesystem::path& out,
                               const std::atomic<bool>* stop,
                               const std::function<void(const Discrepancy&)>& sink);

}  // namespace tutti
