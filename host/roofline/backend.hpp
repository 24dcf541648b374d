// SPDX-License-Identifier: Apache-2.0
// A backend that computes nothing: it counts what the CUDA backend would queue for the same calls.
#pragma once

#include <memory>

#include "host/backend/backend.hpp"
#include "host/roofline/ledger.hpp"

namespace tutti::roofline {

/// Channels that a lane group of the CUDA backend holds.
inline constexpr int kLanesPerGroup = 1024;
inline constexpr Frames kBlockFrames = Frames{1} << 20;

/// Into `ledger`, which outlives it. What is fetched is silence; nothing that could fill a tile is
/// called. One thread at a time.
std::unique_ptr<Backend> make_backend(Ledger& ledger);

}  // namespace tutti::roofline
