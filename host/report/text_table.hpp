// SPDX-License-Identifier: Apache-2.0
// A plain text table with aligned columns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tutti {

/// Rows of cells under a head. Cells are made printable; columns align by display width.
class TextTable {
 public:
  enum class Align { left, right };

  void add_column(std::string head, Align align = Align::left);
  /// As many cells as columns; missing ones are empty.
  void add_row(std::vector<std::string> cells);
  /// Every line ends in a line feed, none in a space.
  std::string text() const;

 private:
  struct Column {
    std::string head;
    Align align;
  };
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// "-14.0", or "-" when there is no such value. −0.0 prints as 0.0.
std::string format_value(const std::optional<double>& value, int decimals = 1);

/// "44.1 kHz", "48 kHz".
std::string format_rate(double sample_rate_hz);

/// "2:03.450", "1:02:03.450".
std::string format_duration(double duration_s);

/// "812.3 MiB".
std::string format_bytes(std::uint64_t size_bytes);

}  // namespace tutti
