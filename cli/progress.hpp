// SPDX-License-Identifier: Apache-2.0
// Progress on standard error: a bar for people, one JSON object a line for programs.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "cli/command_line.hpp"
#include "host/engine/render.hpp"

namespace tutti::cli {

enum class ProgressMode { none, bar, json };

/// "auto", "bar", "json" or "none"; auto is a bar on a terminal that can redraw a line, else none.
ProgressMode progress_mode(const std::string& name);

/// `--progress auto|bar|json|none`.
void add_progress_option(CommandLine& line, std::string& mode);

/// Shows progress at most ten times a second. Its sinks may be called from any thread; the bar is
/// erased when the display ends.
class ProgressDisplay {
 public:
  explicit ProgressDisplay(ProgressMode mode) : mode_(mode) {}
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;

  void show(const Progress& progress);

  /// A line of JSON for programs that follow; nothing for people.
  void print_event(const std::string& line);

  /// A line on standard error that does not tear the bar.
  void print_line(const std::string& line);

 private:
  void draw_bar(const Progress& progress);
  void erase_bar();

  std::mutex mutex_;
  ProgressMode mode_;
  bool drawn_ = false;
  std::string last_stage_;
  std::chrono::steady_clock::time_point last_time_{};
};

/// The bar of one moment, at most `columns` wide:
/// "mix    [=====>    ]  52 %  31.2 x realtime  0:12 left".
std::string progress_bar(const Progress& progress, int columns);

/// {"event": "progress", "stage", "done", "total", "realtime_factor", "eta_s"} and a line feed.
std::string progress_json_line(const Progress& progress);

}  // namespace tutti::cli
