// SPDX-License-Identifier: Apache-2.0
#include "host/report/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/report/terminal_text.hpp"

namespace tutti {
namespace {

constexpr int kGapColumns = 2;

void append_line(std::string& out, const std::vector<std::string>& cells,
                 const std::vector<int>& widths, const std::vector<bool>& right) {
  std::string line;
  for (std::size_t c = 0; c < widths.size(); ++c) {
    if (c > 0) line.append(kGapColumns, ' ');
    const std::string& cell = cells[c];
    const int fill = std::max(0, widths[c] - display_width(cell));
    if (right[c]) line.append(fill, ' ');
    line += cell;
    if (!right[c]) line.append(fill, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

}  // namespace

void TextTable::add_column(std::string head, Align align) {
  columns_.push_back({std::move(head), align});
}

void TextTable::add_row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::string TextTable::text() const {
  std::vector<std::string> heads;
  std::vector<int> widths;
  std::vector<bool> right;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    heads.push_back(columns_[c].head);
    right.push_back(columns_[c].align == Align::right);
    int width = display_width(columns_[c].head);
    for (const auto& row : rows_) width = std::max(width, display_width(row[c]));
    widths.push_back(width);
  }
  std::string out;
  append_line(out, heads, widths, right);
  for (const auto& row : rows_) append_line(out, row, widths, right);
  return out;
}

std::string format_value(const std::optional<double>& value, int decimals) {
  if (!value || !std::isfinite(*value)) return "-";
  const double scale = std::pow(10.0, decimals);
  const double rounded = std::round(*value * scale) / scale;
  return fmt::format("{:.{}f}", rounded == 0 ? 0.0 : rounded, decimals);
}

std::string format_rate(double sample_rate_hz) {
  return fmt::format("{:g} kHz", sample_rate_hz / 1000.0);
}

std::string format_duration(double duration_s) {
  const auto total_ms = static_cast<std::int64_t>(std::llround(std::max(0.0, duration_s) * 1000));
  const std::int64_t hours = total_ms / 3600000, minutes = total_ms / 60000 % 60;
  const double seconds = static_cast<double>(total_ms % 60000) / 1000;
  if (hours > 0) return fmt::format("{}:{:02}:{:06.3f}", hours, minutes, seconds);
  return fmt::format("{}:{:06.3f}", minutes, seconds);
}

std::string format_bytes(std::uint64_t size_bytes) {
  const char* const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(size_bytes);
  int unit = 0;
  for (; value >= 1024 && unit < 4; ++unit) value /= 1024;
  return fmt::format("{:.{}f} {}", value, unit == 0 ? 0 : 1, units[unit]);
}

}  // namespace tutti
