// SPDX-License-Identifier: Apache-2.0
// What a mastering job is to make of each item: which files, by which settings.
#pragma once

#include <filesystem>
#include <vector>

#include "cli/chain_arguments.hpp"
#include "host/catalogue/asked_outputs.hpp"
#include "host/catalogue/run.hpp"

namespace tutti::cli {

/// The chain with what the manifest says of one item.
Session chain_for(const Session& chain, const CatalogueItem& item);

/// The files that an item becomes under `out`.
std::vector<std::filesystem::path> output_files(const Session& chain, const CatalogueItem& item,
                                                const std::filesystem::path& out);

/// Hashes the impulses of the chain once, when it is made. `options` outlives it.
class MasterPlan {
 public:
  MasterPlan(const ChainOptions& options, std::filesystem::path out);
  std::vector<PlannedOutput> outputs_of(const CatalogueItem& item) const;

 private:
  const ChainOptions& options_;
  std::filesystem::path out_;
  nlohmann::ordered_json impulses_;
};

/// What a job with these options asks for, for commands that look at it. `manifest` outlives it.
AskedOutputs asked_outputs(const Manifest& manifest, const ChainOptions& options,
                           const std::filesystem::path& out);

}  // namespace tutti::cli
