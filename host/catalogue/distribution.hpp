// SPDX-License-Identifier: Apache-2.0
// How the levels of many files are spread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/catalogue/catalogue_report.hpp"

namespace tutti::catalogue {

/// One level of every item, before and after; those that have none are left out.
struct Distribution {
  const char* name;                   ///< "integrated loudness"
  const char* unit;                   ///< "LUFS"
  std::vector<double> before, after;  ///< ascending
};

/// Integrated loudness, true peak and loudness range.
std::vector<Distribution> distributions_of(const CatalogueReport& report);

/// The value that `share` (0 … 1) of an ascending list lies at or under (nearest rank). None:
/// empty.
std::optional<double> quantile(const std::vector<double>& ascending, double share);

/// An SVG picture of both lists: bars per 1 dB, before behind after.
std::string histogram_svg(const Distribution& distribution);

}  // namespace tutti::catalogue
