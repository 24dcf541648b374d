// SPDX-License-Identifier: Apache-2.0
// A finished signal through the backend, block by block.
#pragma once

#include <functional>
#include <optional>

#include "host/backend/backend.hpp"

namespace tutti {

/// `read` fills the frames from `first` on (zero behind the signal's end) in host memory; they are
/// limited, if there is a design, and handed to `take` without the limiter's lag: `frames` in all,
/// in the memory of the backend. Returns the limiter's largest reduction.
std::optional<double> run_master_blocks(Backend& backend, int channels, Frames frames,
                                        const std::optional<LimiterDesign>& limiter,
                                        const std::function<void(Frames first, BlockView)>& read,
                                        const std::function<void(TileView)>& take);

}  // namespace tutti
