// SPDX-License-Identifier: Apache-2.0
#include "host/engine/render_news.hpp"

#include <algorithm>

namespace tutti {

RenderNews::RenderNews(const RenderOptions& options, double sample_rate_hz, const Stopwatch& clock)
    : listener_(options.warnings),
      progress_(options.progress),
      sample_rate_hz_(sample_rate_hz),
      clock_(clock) {}

void RenderNews::warn(const Warning& warning) {
  const std::lock_guard lock(mutex_);
  for (const Warning& known : warnings_)
    if (known.code == warning.code && known.path == warning.path) return;
  warnings_.push_back(warning);
  if (listener_) listener_(warning);
}

void RenderNews::know_duration(double duration_s) {
  const std::lock_guard lock(mutex_);
  duration_s_ = duration_s;
}

void RenderNews::report(const char* stage, Frames done, Frames total) {
  if (!progress_) return;
  const std::lock_guard lock(mutex_);
  Progress progress;
  progress.stage = stage;
  progress.done = std::clamp<Frames>(done, 0, total);
  progress.total = total;
  if (stage != stage_) {
    stage_ = stage;
    stage_start_s_ = last_report_s_;
  }
  const double elapsed = std::max(1e-9, clock_.seconds());
  last_report_s_ = elapsed;
  if (duration_s_)
    progress.realtime_factor = *duration_s_ / elapsed;
  else if (progress.stage == "mix")
    progress.realtime_factor = static_cast<double>(progress.done) / sample_rate_hz_ / elapsed;
  if (progress.done > 0)
    progress.eta_s = (elapsed - stage_start_s_) * static_cast<double>(total - progress.done) /
                     static_cast<double>(progress.done);
  progress_(progress);
}

}  // namespace tutti
