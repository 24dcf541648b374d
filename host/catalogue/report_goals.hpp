// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "host/catalogue/sidecar.hpp"
#include "host/report/render_report.hpp"

namespace tutti::catalogue {

/// What an output misses of what was asked, as a render's report says it.
inline std::vector<std::string> missed_goals_of(const Sidecar& sidecar) {
  ReportedOutput output;
  output.measured.measurement = sidecar.after;
  output.target_lufs = sidecar.target_lufs;
  output.ceiling_dbtp = sidecar.ceiling_dbtp;
  output.tolerance_lu = sidecar.tolerance_lu;
  return missed_goals(output);
}

}  // namespace tutti::catalogue
