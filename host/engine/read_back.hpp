// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <span>

#include "host/backend/backend.hpp"

namespace tutti {

/// Measures `frames` frames that `read` fills, block by block.
Measurement measure_blocks(Backend& backend, double sample_rate_hz,
                           std::span<const double> loudness_weights, Frames frames,
                           const std::function<void(Frames first, BlockView)>& read);

/// Decodes a file and measures it whole. Throws IoError, Cancelled.
Measurement measure_file(const std::filesystem::path& path, Backend& backend,
                         const std::atomic<bool>* stop);

}  // namespace tutti
