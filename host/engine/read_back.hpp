// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <filesystem>

#include "host/backend/backend.hpp"

namespace tutti {

/// Decodes a file and measures it whole. Throws IoError, Cancelled.
Measurement measure_file(const std::filesystem::path& path, Backend& backend,
                         const std::atomic<bool>* stop);

}  // namespace tutti
