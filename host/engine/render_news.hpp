// SPDX-License-Identifier: Apache-2.0
// What a render says while it runs: warnings, each once, and how far it is.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/engine/clock.hpp"
#include "host/engine/render.hpp"

namespace tutti {

/// May be spoken to from any thread; its listeners hear one call at a time.
class RenderNews {
 public:
  /// `clock` runs since the render began; it outlives this. Listens through `options`.
  RenderNews(const RenderOptions& options, double sample_rate_hz, const Stopwatch& clock);

  /// Passes a warning on and keeps it, unless one of its code and place has been said.
  void warn(const Warning& warning);
  const std::vector<Warning>& warnings() const { return warnings_; }

  /// How much of a stage is done. The speed is that of the mix while it runs, and of the whole
  /// programme once its length is known.
  void report(const char* stage, Frames done, Frames total);
  /// The programme is mixed to its end.
  void know_duration(double duration_s);

 private:
  WarningSink listener_;
  ProgressSink progress_;
  double sample_rate_hz_;
  const Stopwatch& clock_;
  std::mutex mutex_;
  std::vector<Warning> warnings_;
  std::optional<double> duration_s_;
  std::string stage_;
  double stage_start_s_ = 0, last_report_s_ = 0;
};

}  // namespace tutti
