// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "cli/output.hpp"
#include "host/report/json_values.hpp"

namespace tutti::cli {
namespace {

constexpr std::chrono::milliseconds kRedrawInterval{100};

int terminal_columns() {
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

bool can_redraw() {
  const char* const term = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && term != nullptr && std::strcmp(term, "dumb") != 0;
}

double share_done(const Progress& progress) {
  if (progress.total <= 0) return 0;
  return std::clamp(static_cast<double>(progress.done) / static_cast<double>(progress.total), 0.0,
                    1.0);
}

}  // namespace

ProgressMode progress_mode(const std::string& name) {
  if (name == "bar") return ProgressMode::bar;
  if (name == "json") return ProgressMode::json;
  return name == "auto" && can_redraw() ? ProgressMode::bar : ProgressMode::none;
}

void add_progress_option(CommandLine& line, std::string& mode) {
  line.add_option("--progress", mode, "auto, bar, json or none")
      ->check(CLI::IsMember({"auto", "bar", "json", "none"}))
      ->option_text("MODE");
}

ProgressDisplay::~ProgressDisplay() { erase_bar(); }

void ProgressDisplay::show(const Progress& progress) {
  if (mode_ == ProgressMode::none) return;
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  const bool news = progress.stage != last_stage_ || progress.done >= progress.total;
  if (!news && now - last_time_ < kRedrawInterval) return;
  if (mode_ == ProgressMode::bar && now - last_time_ < kRedrawInterval) return;
  last_stage_ = progress.stage;
  last_time_ = now;
  if (mode_ == ProgressMode::json)
    print_error(progress_json_line(progress));
  else
    draw_bar(progress);
}

void ProgressDisplay::print_event(const std::string& line) {
  const std::lock_guard lock(mutex_);
  if (mode_ == ProgressMode::json) print_error(line);
}

void ProgressDisplay::print_line(const std::string& line) {
  const std::lock_guard lock(mutex_);
  erase_bar();
  print_error(line + "\n");
}

void ProgressDisplay::draw_bar(const Progress& progress) {
  // The last column stays free: some terminals wrap as soon as it is written.
  print_error(fmt::format("\r{}\x1b[K", progress_bar(progress, terminal_columns() - 1)));
  drawn_ = true;
}

void ProgressDisplay::erase_bar() {
  if (drawn_) print_error("\r\x1b[K");
  drawn_ = false;
}

std::string progress_bar(const Progress& progress, int columns) {
  const double share = share_done(progress);
  const std::string percent = fmt::format(" {:3.0f} %", std::floor(share * 100));
  const auto eta_s = static_cast<long long>(std::ceil(std::clamp(progress.eta_s, 0.0, 3.6e6)));
  const std::string rate =
      progress.realtime_factor ? fmt::format("  {:.1f} x realtime", *progress.realtime_factor) : "";
  const std::string eta = fmt::format("  {}:{:02} left", eta_s / 60, eta_s % 60);
  std::string line = fmt::format("{:<6}", progress.stage);
  const int texts = static_cast<int>(line.size() + percent.size() + rate.size() + eta.size());
  const int bar = std::min(40, columns - texts - 3);
  if (bar >= 5) {
    const int full = static_cast<int>(share * bar);
    std::string body(full, '=');
    if (full < bar) body += '>';
    body.resize(bar, ' ');
    line += fmt::format(" [{}]", body);
  }
  line += percent + rate + eta;
  if (static_cast<int>(line.size()) > columns) line.resize(std::max(0, columns));
  return line;
}

std::string progress_json_line(const Progress& progress) {
  nlohmann::ordered_json line;
  line["event"] = "progress";
  line["stage"] = json_text(progress.stage);
  line["done"] = progress.done;
  line["total"] = progress.total;
  line["realtime_factor"] = json_number(progress.realtime_factor);
  line["eta_s"] = json_number(progress.eta_s);
  return line.dump() + "\n";
}

}  // namespace tutti::cli
