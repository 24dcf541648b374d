// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "host/report/csv_values.hpp"
#include "host/report/json_values.hpp"
#include "host/report/measured_file.hpp"

namespace tutti {
namespace {

using Json = nlohmann::ordered_json;

Json flat_row(const MeasuredFile& file, bool with_k_system) {
  Json row = measured_file_json(file);
  row.erase("notes");
  row.erase("k_system");
  if (!with_k_system) return row;
  const KSystemReading reading = file.k_system.value_or(KSystemReading{});
  row["k_average_max_db"] = json_number(reading.average_max_db);
  row["k_average_db"] = json_number(reading.average_db);
  row["k_peak_db"] = json_number(reading.peak_db);
  return row;
}

}  // namespace

std::string measured_files_csv(std::span<const MeasuredFile> files) {
  const bool with_k_system =
      std::any_of(files.begin(), files.end(), [](const auto& f) { return f.k_system.has_value(); });
  std::vector<std::string> keys;
  const Json head = flat_row({}, with_k_system);
  for (const auto& [key, value] : head.items()) keys.push_back(key);
  std::string out = csv_line(keys);
  for (const MeasuredFile& file : files) {
    std::vector<std::string> cells;
    const Json row = flat_row(file, with_k_system);
    for (const auto& [key, value] : row.items()) cells.push_back(csv_cell(value));
    out += csv_line(cells);
  }
  return out;
}

}  // namespace tutti
