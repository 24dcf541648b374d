// SPDX-License-Identifier: Apache-2.0
// The mastering engine as the catalogue runs it.
#pragma once

#include <atomic>
#include <filesystem>

#include "cli/master_options.hpp"
#include "host/backend/backend.hpp"
#include "host/catalogue/run.hpp"

namespace tutti::cli {

/// `options` and `backend` outlive it. `read_ahead`: there are threads that no item in flight uses.
CatalogueEngine master_engine(const MasterOptions& options, Backend& backend,
                              const std::filesystem::path& out, bool read_ahead,
                              const std::atomic<bool>* stop);

}  // namespace tutti::cli
