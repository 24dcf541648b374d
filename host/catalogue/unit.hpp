// SPDX-License-Identifier: Apache-2.0
// One item, or the items of one album, from "is it done?" to the sidecars.
#pragma once

#include <vector>

#include "host/catalogue/run.hpp"

namespace tutti {

/// The result of each item. Empty: the run was asked to stop, and the unit is left as it was. Never
/// throws for what happens to an item.
std::vector<ItemResult> run_unit(const Manifest& manifest,
                                 const std::vector<const CatalogueItem*>& items,
                                 const CatalogueEngine& engine, const RunOptions& options);

}  // namespace tutti
