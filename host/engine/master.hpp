// SPDX-License-Identifier: Apache-2.0
// From the kept master signal to finished files: trim, fades, rate, loudness, ceiling, word length.
#pragma once

#include <vector>

#include "host/backend/backend.hpp"
#include "host/engine/deliveries.hpp"
#include "host/engine/long_buffer.hpp"

namespace tutti {

/// What a mastering run needs besides the signal.
struct MasterContext {
  const Session& session;
  Backend& backend;
  std::uint64_t memory_budget_bytes;
  std::filesystem::path spill_folder;
  const std::atomic<bool>* stop;
  std::function<void(Frames done, Frames total)> progress;
  WarningSink warnings;
};

/// The frames of the master that are delivered and the gain of its ends.
struct MasterEdit {
  Frames begin = 0, end = 0;  ///< of the kept signal
  Frames fade_in = 0, fade_out = 0;
  FadeShape fade_in_shape = FadeShape::linear, fade_out_shape = FadeShape::linear;
};

/// Trim and fades in frames. `signal` starts at timeline frame `timeline_start`.
MasterEdit plan_edit(const Session& session, const LongBuffer& signal, Frames timeline_start);

/// Deliveries of one rate, target and ceiling are limited once and written together. Each written
/// file is listed in `outputs` without its measurement. Throws IoError, Cancelled.
void deliver_masters(const MasterContext& context, const LongBuffer& signal, const MasterEdit& edit,
                     const std::vector<Delivery>& deliveries, std::vector<RenderedOutput>& outputs);

}  // namespace tutti
