// SPDX-License-Identifier: Apache-2.0
// What a render will take, before it runs; and the limits that it keeps to.
#pragma once

#include <cstdint>

#include "host/engine/prepare.hpp"

namespace tutti {

/// A sixteenth of the limit for each long signal that is kept (the mix, its copy at a delivery
/// rate): by default 64 MiB, or 2.9 minutes of stereo, before it goes to a file.
std::uint64_t long_signal_budget_bytes(const RenderOptions& options);

/// Two let the next tile begin before the last has been handed out; one where memory is short.
int tiles_in_flight(const RenderOptions& options);

struct Estimate {
  std::uint64_t memory_bytes = 0;
  double time_s = 0;
};

/// Fitted to renders on two cores (tests and demo among them): about right within a factor of two.
/// `prepare_s`: what the preparation took. Time in a queue for a disk is not in it.
Estimate estimate_render(const PreparedRender& prepared, const RenderOptions& options,
                         double sample_rate_hz, double prepare_s);

}  // namespace tutti
