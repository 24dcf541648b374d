// SPDX-License-Identifier: Apache-2.0
// Originals and outputs against what their sidecars say, byte by byte.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>

#include "host/catalogue/item.hpp"

namespace tutti {

/// One output that is not, or no longer, what was written, whose original has changed, or of which
/// nothing is known.
struct Discrepancy {
  std::string id, file;  ///< the file is an original, or an output relative to its folder
  std::string kind;      ///< "input_missing", "input_changed", "output_missing", "output_changed",
                         ///< "sidecar_damaged"
  std::string message;
};

struct VerifySummary {
  int outputs = 0;  ///< that have a sidecar
  int discrepancies = 0;
};

/// Hashes every output under `out` that has a sidecar, and the original of each. `sink` hears of
/// discrepancies, one call at a time, in the order of the outputs' names; then of the manifest's
/// items that have no sidecar, or fewer than they have deliveries, in the manifest's order. Throws
/// IoError, Cancelled.
VerifySummary verify_catalogue(const Manifest& manifest, const std::filesystem::path& out,
                               const std::atomic<bool>* stop,
                               const std::function<void(const Discrepancy&)>& sink);

}  // namespace tutti
