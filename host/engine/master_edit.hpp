// SPDX-License-Identifier: Apache-2.0
// What of the kept master is delivered: trim, fades, sample rate.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>

#include "host/dsp/fade.hpp"
#include "host/engine/long_buffer.hpp"
#include "host/session/model.hpp"

namespace tutti {

/// The frames of the master that are delivered and the gain of its ends.
struct MasterEdit {
  Frames begin = 0, end = 0;  ///< of the kept signal
  Frames fade_in = 0, fade_out = 0;
  FadeShape fade_in_shape = FadeShape::linear, fade_out_shape = FadeShape::linear;

  /// Whether anything of `signal` becomes different.
  bool changes(const LongBuffer& signal) const {
    return begin > 0 || end < signal.frames() || fade_in > 0 || fade_out > 0;
  }
};

/// Trim and fades in frames. `signal` starts at timeline frame `timeline_start`.
MasterEdit plan_edit(const MasterSpec& master, double sample_rate_hz, const LongBuffer& signal,
                     Frames timeline_start);

/// Where long signals may go, and who may stop the work.
struct LongSignalPlace {
  std::uint64_t memory_budget_bytes = 0;
  std::filesystem::path spill_folder;
  const std::atomic<bool>* stop = nullptr;

  void check_stop() const;
};

/// The edited signal at another rate (or the same); `hear` gets it block by block as it is made.
/// Throws IoError, Cancelled.
LongBuffer edited_at_rate(const LongSignalPlace& place, const LongBuffer& signal,
                          double sample_rate_hz, const MasterEdit& edit, double to_rate_hz,
                          const std::function<void(ConstBlockView)>& hear);

}  // namespace tutti
