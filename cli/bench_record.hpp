// SPDX-License-Identifier: Apache-2.0
// What a benchmark of one session on several devices found, as text and as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/engine/render.hpp"

namespace tutti::cli {

/// One device. The first render finds nothing on the device, the others what the one before left.
struct BenchedDevice {
  std::string device, model;
  double startup_s = 0;              ///< opening it: context, streams
  std::vector<RenderResult> renders;  ///< the cold one, then the warm ones

  double cold_wall_s() const { return renders.front().timings.wall_s; }
  /// Median of the warm renders; of the cold one if there is no other.
  const RenderResult& typical() const;
};

struct BenchRecord {
  std::string session;
  std::vector<BenchedDevice> devices;
  std::vector<std::string> skipped;           ///< devices that are not there, with the reason
  std::optional<double> null_peak_dbfs;       ///< largest difference from the first device; none: equal
  bool compared = false;                      ///< whether there was anything to compare

  /// Wall time of the first device over the second's, warm.
  std::optional<double> speedup() const;
};

std::string bench_text(const BenchRecord& record);
std::string bench_json(const BenchRecord& record);

}  // namespace tutti::cli
