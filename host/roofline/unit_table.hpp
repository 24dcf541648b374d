// SPDX-License-Identifier: Apache-2.0
// What each unit costs, as kernels/README.md shows it.
#pragma once

#include <string>
#include <vector>

namespace tutti::roofline {

/// One row: per sample of one channel, in a tile of 65,536 frames unless it says otherwise.
struct UnitCost {
  std::string unit;
  double read_bytes = 0, written_bytes = 0;
  std::string operations;  ///< "75 float, 30 double"
  std::string state;       ///< bytes of a lane or channel; "–" for none
};

std::vector<UnitCost> unit_costs();

/// The same as a table in Markdown, head and rows.
std::string unit_cost_table();

}  // namespace tutti::roofline
